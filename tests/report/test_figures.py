import pytest

from recommender.report import build_view
from recommender.report.figures import figure
from recommender.report.json_form import compact_pieces
from tests.report.sample import sample_recommendation


def test_figures_have_few_decimals():
    assert figure(0.123456) == 0.1235
    assert figure(12.3456, decimals=2) == 12.35
    assert figure(3) == 3


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_is_no_figure(value):
    with pytest.raises(ValueError, match="a measure of the report is"):
        figure(value)


def test_entries_that_are_known_make_the_same_text():
    view = build_view(sample_recommendation())
    known = "".join(compact_pieces(view, depth=2, known_below={"edges", "policies"}))
    assert known == "".join(compact_pieces(view, depth=2))
