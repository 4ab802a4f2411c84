from dataclasses import replace

from recommender.model.verdict import Advice
from recommender.report import build_view, render_html, render_summary
from recommender.report.page_data import page_data
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


def test_the_page_holds_what_was_measured_and_keeps_text_text(view):
    assert "no rule <b>allows</b> it" not in render_html(view)
    told = page_data(view)["view"]["backtest"]
    assert {"predicted": 0.3, "happened": 0.4} in [
        {"predicted": one["predicted"], "happened": one["happened"]} for one in told["breakage"]["bins"]
    ]
    assert "no rule <b>allows</b> it" in {one["reason"] for one in told["false_denials"]}


def test_every_policy_says_what_to_do_with_it(view):
    page = render_html(view)
    assert page.count("<strong>stage</strong>") == len(view["policies"])
