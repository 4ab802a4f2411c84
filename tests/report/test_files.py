import pytest

from recommender.errors import UsageError
from recommender.report.files import replace_directory

FILES = {"recommendation.json": "{}\n", "policies/shop/web.yaml": "kind: x\n"}


def contents(directory):
    return {str(path.relative_to(directory)): path.read_text() for path in directory.rglob("*") if path.is_file()}


def test_a_new_directory_holds_the_files_and_nothing_is_left_beside_it(tmp_path):
    replace_directory(tmp_path / "deep" / "out", FILES)
    assert contents(tmp_path / "deep" / "out") == FILES
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["out"]


def test_an_old_report_is_replaced_and_a_persons_files_are_kept(tmp_path):
    replace_directory(tmp_path / "out", FILES | {"policies/shop/old.yaml": "gone\n"})
    (tmp_path / "out" / "decisions.yaml").write_text("mine\n")
    (tmp_path / "out" / "notes").mkdir()
    (tmp_path / "out" / "notes" / "a.txt").write_text("mine too\n")
    replace_directory(tmp_path / "out", FILES)
    assert contents(tmp_path / "out") == FILES | {"decisions.yaml": "mine\n", "notes/a.txt": "mine too\n"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_directory_of_someone_else_is_refused_and_untouched(tmp_path):
    (tmp_path / "precious.txt").write_text("keep\n")
    with pytest.raises(UsageError, match="no earlier report"):
        replace_directory(tmp_path, FILES)
    assert contents(tmp_path) == {"precious.txt": "keep\n"}


def test_a_failure_while_writing_leaves_the_old_report(tmp_path):
    replace_directory(tmp_path / "out", FILES)
    with pytest.raises(UnicodeEncodeError):
        replace_directory(tmp_path / "out", FILES | {"report.html": "\ud800"})
    assert contents(tmp_path / "out") == FILES
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "out").write_text("file")
    with pytest.raises(UsageError, match="not a directory"):
        replace_directory(tmp_path / "out", FILES)
