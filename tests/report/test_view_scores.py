from dataclasses import replace

from recommender.model.verdict import Advice
from recommender.report import build_view, render_html, render_summary
from tests.report.sample_scores import sample_completeness, sample_verdict


def test_verdicts_are_counted_in_their_order_and_their_breakage_is_added_up(recommendation):
    first, second, *rest = recommendation.policies
    changed = (
        replace(first, verdict=sample_verdict(breakage=0.5, advice=Advice.OBSERVE)),
        replace(second, verdict=sample_verdict(breakage=0.02, advice=Advice.ENFORCE)),
        *rest,
    )
    view = build_view(replace(recommendation, policies=changed))["verdicts"]
    assert [(one["name"], one["count"]) for one in view["counts"]] == [
        ("enforce", 1),
        ("stage", len(rest)),
        ("observe longer", 1),
    ]
    assert view["expected_to_break"] == round(0.52 + 0.06 * len(rest), 4)


def test_too_short_a_window_prints_the_bound_and_no_number(recommendation):
    small = replace(
        sample_completeness(), unseen=replace(sample_completeness().unseen, bound=0.4, enough=False), new_edges=None
    )
    view = build_view(replace(recommendation, completeness=small))
    sentence = view["completeness"]["sentence"]
    assert sentence.startswith("at most 40.0% of the activity")
    assert "too short for an estimate" in sentence
    assert view["completeness"]["new_edges"] is None


def test_the_terminal_says_verdicts_what_was_missed_and_the_backtest(view):
    text = " ".join(render_summary(view).split())
    assert "verdicts 0 enforce, 11 stage, 0 observe longer" in text
    assert "2 new needed edges are expected within 7 days, 1 of them by releases, and at most 6 with 95 %" in text
    assert "policies learned on the first 4 days let 13 of 14 needed edges of the next 3.0 pass" in text


def test_the_page_shows_the_reliability_table_and_keeps_text_text(view):
    page = render_html(view)
    assert "Do the scores mean anything?" in page
    assert '<td class="num">30.0 %</td><td class="num">40.0 %</td>' in page
    assert "no rule &lt;b&gt;allows&lt;/b&gt; it" in page


def test_without_a_backtest_the_page_says_why(recommendation):
    page = render_html(build_view(replace(recommendation, backtest=None)))
    assert "too short to learn on one part and test on the other" in page


def test_a_warning_of_the_self_check_is_shown(recommendation):
    warned = replace(sample_completeness(), warning="activity comes in bursts")
    assert "activity comes in bursts" in render_html(build_view(replace(recommendation, completeness=warned)))
