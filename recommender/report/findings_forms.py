"""The findings alone, in the forms that other tools read: SARIF, JUnit and JSON."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

from recommender.model.gap import Severity
from recommender.report.json_form import render_json

if TYPE_CHECKING:
    from collections.abc import Collection

    from recommender.model.recommendation import Recommendation

SARIF_VERSION: Final = "2.1.0"
SARIF_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
FORM_VERSION: Final = 1
_LEVELS: Final = {Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note", Severity.INFO: "none"}
"""SARIF's levels, worst first."""
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, even escaped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What makes a run fail: the threshold and the codes that never do."""

    fail_on: Severity | None
    ignored: frozenset[str]

    def fails(self, code: str, severity: Severity) -> bool:
        """Whether a finding fails the run."""
        return self.fail_on is not None and code not in self.ignored and severity.rank <= self.fail_on.rank


def render_findings_json(recommendation: Recommendation, verdict: Verdict) -> str:
    """Every finding with its fingerprint, whether it fails the run and whether it was ignored; sorted, worst first."""
    findings = [
        {
            "code": gap.code,
            "title": gap.title,
            "severity": gap.severity.value,
            "fingerprint": gap.fingerprint,
            "subject": gap.subject,
            "reason": gap.reason,
            "impact": gap.impact,
            "action": gap.action,
            "count": gap.count,
            "examples": list(gap.examples),
            "facts": list(gap.facts),
            "ignored": gap.code in verdict.ignored,
            "fails": verdict.fails(gap.code, gap.severity),
        }
        for gap in recommendation.gaps
    ]
    proof = {"holds": recommendation.proof.holds}
    return render_json(
        {"form_version": FORM_VERSION, "tool": recommendation.tool_version, "proof": proof, "findings": findings}
    )


def render_sarif(recommendation: Recommendation, verdict: Verdict) -> str:
    """The findings as a SARIF log (OASIS, SARIF 2.1.0); what is ignored is there, and suppressed.

    The place of every result is the file that holds them all, since findings are about a cluster, not about a line.
    """
    rules = {gap.code: {"id": gap.code, "name": gap.title, "help": {"text": gap.impact}} for gap in recommendation.gaps}
    index = {code: place for place, code in enumerate(sorted(rules))}
    results: list[dict[str, Any]] = []
    for gap in recommendation.gaps:
        logical = {"fullyQualifiedName": gap.subject}
        place = {"artifactLocation": {"uri": "recommendation.json"}, "region": {"startLine": 1}}
        results.append(
            {
                "ruleId": gap.code,
                "ruleIndex": index[gap.code],
                "level": _LEVELS[gap.severity],
                "message": {"text": f"{gap.title}: {gap.subject}: {gap.reason}. {gap.impact} {gap.action}"},
                "locations": [{"physicalLocation": place, "logicalLocations": [logical]}],
                "partialFingerprints": {"netpolRecommend/v1": gap.fingerprint},
                "properties": {"severity": gap.severity.value, "count": gap.count, "examples": list(gap.examples)},
                "suppressions": [{"kind": "external", "justification": "--ignore"}]
                if gap.code in verdict.ignored
                else [],
            }
        )
    driver = {"name": "netpol-recommend", "version": recommendation.tool_version, "rules": [rules[c] for c in index]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return render_json({"$schema": SARIF_SCHEMA, "version": SARIF_VERSION, "runs": [run]})


def render_junit(recommendation: Recommendation, verdict: Verdict) -> str:
    """The findings as a JUnit report: a test each, failed where it fails the run, skipped where its code is ignored.

    The replay proof is a test of its own, so that a report without findings is not empty.
    """
    suite = ET.Element("testsuite", name="netpol-recommend")
    proof = ET.SubElement(suite, "testcase", classname="proof", name="every needed edge passes the manifests")
    if not recommendation.proof.holds:
        ET.SubElement(proof, "failure", message="the replay proof fails", type="proof")
    for gap in recommendation.gaps:
        name = _xml_text(f"{gap.title}: {gap.subject}")
        case = ET.SubElement(suite, "testcase", classname=f"{gap.severity.value}.{gap.code}", name=name)
        text = _xml_text("\n".join((gap.reason, gap.impact, gap.action, *gap.examples)))
        if gap.code in verdict.ignored:
            ET.SubElement(case, "skipped", message="--ignore")
        elif verdict.fails(gap.code, gap.severity):
            failure = ET.SubElement(case, "failure", message=_xml_text(gap.reason), type=gap.severity.value)
            failure.text = text
            continue
        ET.SubElement(case, "system-out").text = text
    for name, kind in (("tests", "testcase"), ("failures", "failure"), ("skipped", "skipped")):
        suite.set(name, str(sum(1 for _ in suite.iter(kind))))
    ET.indent(suite)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(suite, encoding="unicode")}\n'


def _xml_text(text: str) -> str:
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def verdict_of(fail_on: Severity | None, ignored: Collection[str]) -> Verdict:
    """What makes a run fail, of its settings."""
    return Verdict(fail_on=fail_on, ignored=frozenset(ignored))
