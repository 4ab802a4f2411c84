import re
from dataclasses import replace

import pytest

from recommender.model.findings import Check, Findings, PlacedGap
from recommender.model.gap import Severity
from recommender.report.findings_markdown import render_markdown
from recommender.report.findings_verdict import verdict_of
from recommender.report.findings_view import findings_of, placed_findings
from recommender.report.markdown_text import sentence
from recommender.report.view import build_view
from tests.report.sample import sample_recommendation
from tests.report.test_findings_forms import HOSTILE, gap

NEVER = verdict_of(None, ())


def markdown(*placed, verdict=NEVER, checks=()):
    return render_markdown(placed_findings(Findings(tool_version="1", checks=checks, placed=placed)), verdict)


def test_the_whole_form():
    placed = (
        PlacedGap(gap=gap("NPR401", Severity.HIGH), file="k8s/web.yaml", line=7),
        PlacedGap(gap=gap("NPR401", Severity.HIGH, "shop/db")),
        PlacedGap(gap=gap("NPR102", Severity.MEDIUM)),
    )
    checks = (Check(kind="proof", name="all pass"), Check(kind="proof", name="approved pass", failure="it fails"))
    assert markdown(*placed, verdict=verdict_of(Severity.HIGH, {"NPR102"}), checks=checks) == (
        """# Findings of netpol-recommend

- ✓ all pass
- ✕ approved pass: it fails

| severity | findings | fail | ignored or accepted |
|---|--:|--:|--:|
| high | 2 | 2 | 0 |
| medium | 1 | 0 | 1 |

## High

### NPR401 Title

- `shop/web`: reason of shop/web · **fails** · at `k8s/web.yaml:7`
  - such as `shop/web`
- `shop/db`: reason of shop/db · **fails**
  - such as `shop/db`

Why it matters: Impact.

What to do: Action.

## Medium

### NPR102 Title

- `shop/web`: reason of shop/web · does not count: --ignore
  - such as `shop/web`

Why it matters: Impact.

What to do: Action.
"""
    )


def test_nothing_found_is_said():
    assert markdown().splitlines()[-1] == "No findings."


def test_what_differs_stands_at_each():
    one, other = gap("NPR401", Severity.HIGH), replace(gap("NPR401", Severity.HIGH, "b"), action="Do `x y`.")
    text = markdown(PlacedGap(gap=one), PlacedGap(gap=other))
    assert "  - Action.\n" in text
    assert "  - Do `x y`.\n" in text
    assert "What to do" not in text


HOSTILE_TEXTS = [
    HOSTILE,
    "<img src=x onerror=alert(1)>",
    "](https://evil.example) ![x](https://evil.example/x.png)",
    "| a | b |\n# heading\n- list",
    "`` ` ``` <b>",
    "@everyone #1 www.evil.example",
    "one ` tick <b> @x`y",
    "\\`<b>\\`",
]


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_hostile_text_is_no_markup(text):
    plain = markdown(PlacedGap(gap=gap("NPR401", Severity.HIGH, "shop/web")))
    written = markdown(PlacedGap(gap=gap("NPR401", Severity.HIGH, text)))
    assert written.count("\n") == plain.count("\n")
    assert all(char.isprintable() or char == "\n" for char in written)
    outside = without_code(written)
    assert not re.search(r"(?<!\\)[<>\[\]!]|https?://|www\.|@|(?<!\n)(?<!#)#(?![# ])", outside)


def without_code(text):
    r"""What stands outside code spans, found as CommonMark finds them: a run of ticks, to the next run as long.

    A tick behind a backslash opens nothing; inside a span backslashes mean nothing.
    """
    outside, place = [], 0
    while place < len(text):
        if text[place] == "\\":
            outside.append(text[place : place + 2])
            place += 2
            continue
        if text[place] != "`":
            outside.append(text[place])
            place += 1
            continue
        ticks = re.match("`+", text[place:]).group()
        closing = re.compile(rf"(?<!`){ticks}(?!`)").search(text, place + len(ticks))
        assert closing, text[place:]
        place = closing.end()
    return "".join(outside)


def test_commands_of_ours_stay_code():
    assert sentence("run `kubectl get <x>` or *that*") == r"run `kubectl get <x>` or \*that\*"


def test_a_run_is_told_whole():
    view = build_view(sample_recommendation())
    text = render_markdown(findings_of(view), NEVER)
    assert {f"### {row['code']} " in text for row in view["gaps"]} == {True}
    assert text.startswith("# Findings of netpol-recommend\n\n- ✓ every needed edge")
