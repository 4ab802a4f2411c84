from __future__ import annotations

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender.dialect.yaml_text import MAX_COMMENT, Commented, comment, document, scalar, structure

_TEXT = st.text(max_size=40) | st.sampled_from(
    [
        "yes",
        "1e3",
        "null",
        "~",
        "",
        " ",
        "a: b",
        "# c",
        "- d",
        "!!tag",
        "&x",
        "*x",
        "%",
        "@",
        "`",
        "<<",
        "=",
        "---",
        "...",
    ]
)
_NODES = st.recursive(
    _TEXT | st.integers(-5, 70000) | st.booleans(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(_TEXT, inner, max_size=4)
        | st.builds(lambda value, text: Commented(value=value, comments=(text,)), inner, st.text(max_size=300))
    ),
    max_leaves=20,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(_TEXT | st.text(min_size=120, max_size=300), _NODES, max_size=5), st.lists(st.text()))
def test_a_parser_reads_back_what_was_written(root, header):
    text = document(root, header=header)
    read = yaml.safe_load(text)
    assert read == structure(root)
    assert text.isascii()
    assert all(line.isprintable() for line in text.splitlines())


@pytest.mark.parametrize("text", ["yes", "NO", "y", "on", "1e3", "0x1F", "0o17", "1_000", "12:30", "null", "~", ".inf"])
def test_what_any_parser_may_take_for_another_type_is_quoted(text):
    assert scalar(text) == f'"{text}"'


@pytest.mark.parametrize("text", ["k8s:app.kubernetes.io/name", "web", "kube-system", "Ingress"])
def test_plain_words_stay_plain(text):
    assert scalar(text) == text


def test_right_to_left_and_control_characters_are_escaped():
    assert scalar("a\u202eb") == '"a\\u202Eb"'
    assert scalar("a\nb: c") == '"a\\nb: c"'


@settings(deadline=None)
@given(st.text())
def test_a_comment_is_one_short_printable_line(text):
    line = comment(text)
    assert line.startswith("#")
    assert line.isascii()
    assert line.isprintable()
    assert len(line) <= MAX_COMMENT + 2


def test_keys_keep_their_order_and_lists_are_indented():
    text = document({"b": 1, "a": [{"x": "1", "v": []}, "z"], "c": {}}, header=("one", ""))
    assert text == '# one\n#\nb: 1\na:\n  - x: "1"\n    v: []\n  - z\nc: {}\n'


def test_comments_stand_in_front_of_their_item():
    root = {"a": [Commented(value={"x": 1}, comments=("why",))], "b": Commented(value=[], comments=("none",))}
    assert document(root) == "a:\n  # why\n  - x: 1\n# none\nb: []\n"


@settings(deadline=None)
@given(_TEXT | st.from_regex(r"[A-Za-z0-9_./:@*=, -]{0,12}", fullmatch=True))
def test_every_text_stays_text(text):
    assert yaml.safe_load(scalar(text)) == text
    assert yaml.safe_load(f"{scalar(text)}: 1") == {text: 1}
