import pytest

from recommender.rollout.lint.kustomization import kustomized_order


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5",
        "[a]",
        "a: [",
        "a: 1\na: 2",
        "sortOptions: 5",
        "sortOptions: {order: fifo}",
        "sortOptions: {order: fifo}\nresources: {a: 1}",
        "resources: [a.yaml]",
        "sortOptions: {order: legacy}\nresources: [a.yaml]",
        "[" * 5000,
    ],
)
def test_what_keeps_no_order_has_none(tmp_path, text):
    (tmp_path / "kustomization.yaml").write_text(text)
    assert kustomized_order(tmp_path) == {}


def test_files_stand_in_their_order(tmp_path):
    (tmp_path / "kustomization.yaml").write_text("sortOptions: {order: fifo}\nresources: [b.yaml, 5, a/c.yaml]")
    assert kustomized_order(tmp_path) == {str(tmp_path / "b.yaml"): 0, str(tmp_path / "a/c.yaml"): 1}
    assert kustomized_order(tmp_path / "kustomization.yaml") == {}
