import subprocess
import sys

import pytest
import yaml

from recommender.foreign_yaml import MOST_LEVELS, look_over

OBJECT = "kind: Pod\nmetadata: {name: web, namespace: shop}\n"
DEEP = {
    "flow": "a: " + "[" * 100_000,
    "mappings": "{a: " * 100_000,
    "compact": "- " * 100_000,
    "block": "".join(f"{' ' * level}a:\n" for level in range(2_000)),
}
BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))


@pytest.mark.parametrize("shape", DEEP)
def test_what_nests_too_deeply_is_refused(shape):
    with pytest.raises(yaml.YAMLError):
        look_over(OBJECT + "---\n" + DEEP[shape], aliases=True)


def test_what_nests_as_objects_do_is_welcome():
    nested = "a: " + "[" * 90 + "]" * 90
    indented = "".join(f"{' ' * level}b:\n" for level in range(90))
    look_over(f"{nested}\n---\n{indented}", aliases=False)
    assert MOST_LEVELS > 100


def test_aliases_are_welcome_or_not():
    look_over(BOMB, aliases=True)
    with pytest.raises(yaml.YAMLError, match="an alias"):
        look_over(BOMB, aliases=False)


@pytest.mark.parametrize("arguments", [("explain", "--policies", "x.yaml"), ("capture.log", "--inventory", "x.yaml")])
def test_deep_files_end_neither_command_with_a_crash(arguments, tmp_path):
    """The C library would end the process, so it is looked at from outside."""
    (tmp_path / "capture.log").write_text("")
    (tmp_path / "pod.yaml").write_text(OBJECT)
    (tmp_path / "x.yaml").write_text(OBJECT + DEEP["flow"])
    rest = ["--inventory", "pod.yaml", "shop/web", "shop/web", "80"] if arguments[0] == "explain" else []
    command = [sys.executable, "-m", "recommender", *arguments, *rest]
    environment = {"PYTHONPATH": ":".join(sys.path)}
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "nested too deeply" in result.stderr
