import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.model.findings import Check, Findings, PlacedGap
from recommender.model.gap import Severity
from recommender.report.findings_annotations import render_annotations
from recommender.report.findings_verdict import verdict_of
from recommender.report.findings_view import findings_of, placed_findings
from recommender.report.view import build_view
from tests.report.sample import sample_recommendation
from tests.report.test_findings_forms import HOSTILE, gap

NEVER = verdict_of(None, ())
ONE_LINE = re.compile(r"::(error|warning|notice) ((?:[a-z]+=[^,:\r\n]*,?)+)::([^\r\n]*)")


def read(text):
    """As the runner reads a line (actions/runner, ActionCommand.TryParseV2): level, properties, message."""
    found = []
    for line in text.split("\n")[:-1]:
        level, told, message = ONE_LINE.fullmatch(line).groups()
        properties = dict(one.split("=", 1) for one in told.split(","))
        undone = {name: undo(value, "%3A:", "%2C,") for name, value in properties.items()}
        found.append((level, undone, undo(message)))
    return found


def undo(text, *more):
    for pair in ("%0D\r", "%0A\n", *more, "%25%"):
        text = text.replace(pair[:3], pair[3:])
    return text


def annotations(*gaps, verdict=NEVER, checks=(), file="recommendation.json", line=1):
    placed = tuple(PlacedGap(gap=one, file=file, line=line) for one in gaps)
    return render_annotations(placed_findings(Findings(tool_version="1", checks=checks, placed=placed)), verdict)


def test_levels_follow_what_fails_then_severity():
    gaps = [gap(f"NPR{number}", severity) for number, severity in enumerate(Severity, 101)]
    levels = [level for level, _, _ in read(annotations(*gaps))]
    assert levels == ["error", "warning", "notice", "notice"]
    told = read(annotations(*gaps, verdict=verdict_of(Severity.LOW, {"NPR101"})))
    assert [(level, properties["title"][:6]) for level, properties, _ in told] == [
        ("error", "NPR102"),
        ("error", "NPR103"),
        ("notice", "NPR101"),
        ("notice", "NPR104"),
    ]
    assert told[2][2].endswith("\nDoes not count: --ignore")


def test_a_proof_that_fails_stands_first():
    checks = (Check(kind="proof", name="all pass", failure="2 denied"), Check(kind="proof", name="fine"))
    [first, _] = read(annotations(gap("NPR101", Severity.HIGH), checks=checks))
    assert first == ("error", {"title": "netpol-recommend: proof"}, "all pass: 2 denied")


def test_only_findings_about_a_file_of_a_repository_have_a_place():
    [(_, properties, _)] = read(annotations(gap("NPR101", Severity.HIGH)))
    assert properties == {"title": "NPR101 Title"}
    [(_, properties, _)] = read(annotations(gap("NPR101", Severity.HIGH), file="k8s/a,b:c%2C.yaml", line=7))
    assert properties == {"file": "k8s/a,b:c%2C.yaml", "line": "7", "title": "NPR101 Title"}


@pytest.mark.parametrize("text", [HOSTILE, "\n::set-env name=PATH::x", "%0A::error::x", "a\r\n::stop-commands::t"])
def test_no_text_of_others_begins_a_command(text):
    written = annotations(gap("NPR101", Severity.HIGH, text))
    assert written.count("\n") == 1
    [(level, _, message)] = read(written)
    assert level == "error"
    assert message.count("\n") == 2


@given(st.text(), st.text())
def test_every_text_is_one_line_that_reads_as_it_was(subject, title):
    told = replace(gap("NPR101", Severity.LOW, subject), title=title)
    written = annotations(told)
    [(level, properties, message)] = read(written)
    assert level == "notice"
    if title.isprintable():
        assert properties["title"] == f"NPR101 {title}"
    if subject.isprintable():
        assert message.startswith(f"{subject}: ")
    written.encode("utf-8")


def test_a_run_is_told_whole():
    view = build_view(sample_recommendation())
    assert len(read(render_annotations(findings_of(view), NEVER))) == len(view["gaps"])
