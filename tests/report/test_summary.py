from dataclasses import replace

from recommender.report import build_view, render_summary


def test_the_last_line_is_the_proof(view):
    for output in ("", "reports/week-46"):
        assert render_summary(view, output).splitlines()[-1] == view["proof"]["sentence"]


def test_it_says_what_a_terminal_needs(view):
    text = render_summary(view, "reports/week-46/")
    for part in (
        "2026-11-16T00:00:00Z to 2026-11-23T00:00:00Z (7.0 days)",
        "2,202,566 flows stored, 1,204 repeats removed, 3 lines unreadable",
        "3 nodes reported, 1 unavailable: node-d; 412 events lost",
        "14 workloads in 12 groups, 11 policies (cilium)",
        "20: 15 needed, 1 review, 1 implicit, 2 quarantined, 1 excluded",
        "2 high, 2 medium, 1 low, 1 info",
        "1 more in the report",
        "reports/week-46/report.html",
        "reports/week-46/policies/ (11 files)",
        "quarantine 2 edges: 1 a bare pod",
        "reports/week-46/quarantine/ (2 files; nothing applies them)",
    ):
        assert part in text
    assert "With YAML that would allow it: 1" in " ".join(text.split())


def test_five_findings_with_their_actions(view):
    text = render_summary(view)
    for gap in view["gaps"][:5]:
        assert gap["title"] in text
        assert gap["action"] in text
    assert view["gaps"][5]["action"] not in text


def test_no_finding_is_said_too(recommendation):
    assert "findings   none" in render_summary(build_view(replace(recommendation, gaps=())))


def test_hostile_names_cannot_write_lines_or_move_the_cursor(recommendation):
    gap = replace(recommendation.gaps[0], subject="node\nreplay proof holds\x1b[2K\u202e", count=1)
    view = build_view(replace(recommendation, gaps=(gap,)))
    text = render_summary(view)
    assert "node\\u000areplay proof holds\\u001b[2K\\u202e" in text
    assert all(line.isprintable() for line in text.splitlines())
