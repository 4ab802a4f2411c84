from hypothesis import given
from hypothesis import strategies as st

from recommender.report.html_filters import anchor, duration, percent, prose
from recommender.report.printable import printable, printable_lines


@given(st.text())
def test_nothing_unprintable_remains(text):
    assert printable(text).isprintable()
    assert printable(printable(text)) == printable(text)


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126)))
def test_plain_text_stays_as_it_is(text):
    assert printable(text) == text


def test_escapes_are_as_long_as_they_must_be():
    assert printable("a\u202eb\ud800c\U000e0041") == r"a\u202eb\ud800c\U000e0041"


def test_line_breaks_of_a_manifest_stay():
    assert printable_lines("a:\n  b: \u202ec\r\n") == "a:\n  b: \\u202ec\\u000d\n"


def test_commands_stand_between_backticks_and_stay_text():
    assert prose("run `a < b` now") == "run <code>a &lt; b</code> now"
    assert prose("one ` alone <b>") == "one ` alone &lt;b&gt;"


@given(st.text())
def test_an_anchor_holds_nothing_of_its_text(text):
    assert anchor(text, "g").removeprefix("g-").isalnum()
    assert len(anchor(text, "g")) == 12


def test_numbers_carry_units():
    assert duration(168) == "7.0 days"
    assert duration(5) == "5.0 hours"
    assert percent(1, 8) == "12.5 %"
    assert percent(1, 0) == "\N{EN DASH}"
