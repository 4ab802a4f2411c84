import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.report import render_json
from recommender.report.json_form import compact_pieces, json_pieces


def test_json_is_sorted_and_stable(view):
    text = render_json(view)
    assert text == json.dumps(json.loads(text), sort_keys=True, indent=2, ensure_ascii=False) + "\n"
    assert render_json(json.loads(text)) == text
    assert json.loads(text) == view


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text('aé\n"\\,:[]{} '),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab\n"), inner, max_size=3),
)
_VIEWS = st.dictionaries(st.text("abc"), _VALUES, max_size=4)


@given(_VIEWS)
def test_pieces_make_the_text_that_the_standard_encoder_makes(view):
    assert render_json(view) == json.dumps(view, sort_keys=True, indent=2, ensure_ascii=False) + "\n"
    assert "".join(json_pieces(view)) == render_json(view)


@given(_VIEWS, st.integers(0, 4), st.booleans())
def test_compact_pieces_make_the_text_that_the_standard_encoder_makes(view, depth, known):
    pieces = compact_pieces(view, depth=depth, known=known)
    assert "".join(pieces) == json.dumps(view, sort_keys=True, separators=(",", ":"))


def test_long_lists_make_the_same_text(monkeypatch):
    view = {"long": [{"a": number, "b": [number] * 7} for number in range(7)], "deep": {"list": list(range(9))}}
    for together in (1, 2, 3, 100):
        monkeypatch.setattr("recommender.report.json_form._TOGETHER", together)
        assert "".join(compact_pieces(view, depth=2)) == json.dumps(view, sort_keys=True, separators=(",", ":"))


@given(st.text())
def test_any_text_survives_and_nothing_unprintable_is_written(value):
    text = render_json({"value": value})
    assert json.loads(text) == {"value": value}
    assert all(char == "\n" or char.isprintable() for char in text)


def test_letters_stay_readable_and_overrides_do_not():
    assert render_json({"a": "Größe \u202e \ud800 \U000e0041"}) == (
        '{\n  "a": "Größe \\u202e \\ud800 \\udb40\\udc41"\n}\n'
    )


def test_no_value_outside_of_json_is_written():
    with pytest.raises(ValueError, match="not JSON compliant"):
        render_json({"a": float("nan")})
