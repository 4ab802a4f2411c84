"""The findings alone, in the forms that other tools read: SARIF, JUnit and JSON."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote
from xml.etree import ElementTree as ET

from recommender.model.findings import Check, Findings, PlacedGap
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


def findings_of(recommendation: Recommendation) -> Findings:
    """The findings of a run; the replay proof is a check beside them, so that a report without findings is not empty.

    The place of every one is the file that holds them all, since they are about a cluster, not about a line.
    """
    failure = "" if recommendation.proof.holds else "the replay proof fails"
    return Findings(
        tool_version=recommendation.tool_version,
        checks=(Check(kind="proof", name="every needed edge passes the manifests", failure=failure),),
        placed=tuple(PlacedGap(gap=gap) for gap in recommendation.gaps),
    )


def render_findings_json(findings: Findings, verdict: Verdict) -> str:
    """Every finding with its fingerprint, whether it fails the run and whether it was ignored; sorted, worst first."""
    told = [
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
            "place": {"file": placed.file, "line": placed.line},
        }
        for placed in findings.placed
        for gap in (placed.gap,)
    ]
    proof = {"proof": {"holds": not any(check.failure for check in findings.checks)}} if findings.checks else {}
    return render_json({"form_version": FORM_VERSION, "tool": findings.tool_version, **proof, "findings": told})


def render_sarif(findings: Findings, verdict: Verdict) -> str:
    """The findings as a SARIF log (OASIS, SARIF 2.1.0); what is ignored is there, and suppressed."""
    gaps = [placed.gap for placed in findings.placed]
    rules = {gap.code: {"id": gap.code, "name": gap.title, "help": {"text": gap.impact}} for gap in gaps}
    index = {code: place for place, code in enumerate(sorted(rules))}
    results: list[dict[str, Any]] = []
    for placed in findings.placed:
        gap = placed.gap
        logical = {"fullyQualifiedName": gap.subject}
        place = {"artifactLocation": {"uri": quote(placed.file)}, "region": {"startLine": placed.line}}
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
    driver = {"name": "netpol-recommend", "version": findings.tool_version, "rules": [rules[c] for c in index]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return render_json({"$schema": SARIF_SCHEMA, "version": SARIF_VERSION, "runs": [run]})


def render_junit(findings: Findings, verdict: Verdict) -> str:
    """The findings as a JUnit report: a test each, failed where it fails the run, skipped where its code is ignored.

    Every check is a test of its own.
    """
    suite = ET.Element("testsuite", name="netpol-recommend")
    for check in findings.checks:
        tried = ET.SubElement(suite, "testcase", classname=check.kind, name=_xml_text(check.name))
        if check.failure:
            ET.SubElement(tried, "failure", message=_xml_text(check.failure), type=check.kind)
    for gap in (placed.gap for placed in findings.placed):
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
