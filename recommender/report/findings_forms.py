"""The findings alone, in the forms that programs read: SARIF, JUnit and JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote
from xml.etree import ElementTree as ET

from recommender.model.gap import Severity
from recommender.report.findings_view import PROOF
from recommender.report.json_form import render_json

if TYPE_CHECKING:
    from recommender.report.findings_verdict import Verdict
    from recommender.report.findings_view import FindingsView

SARIF_VERSION: Final = "2.1.0"
SARIF_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
FORM_VERSION: Final = 1
_LEVELS: Final = {Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note", Severity.INFO: "none"}
"""SARIF's levels, worst first."""
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, even escaped."""


def render_findings_json(findings: FindingsView, verdict: Verdict) -> str:
    """Every finding as the view has it, its place, whether it fails the run and whether it was ignored; worst first."""
    told = [{**row, "ignored": row["code"] in verdict.ignored, "fails": verdict.fails(row)} for row in findings.rows]
    proofs = [check for check in findings.checks if check.kind == PROOF]
    proof = {"proof": {"holds": not any(check.failure for check in proofs)}} if proofs else {}
    return render_json({"form_version": FORM_VERSION, "tool": findings.tool_version, **proof, "findings": told})


def render_sarif(findings: FindingsView, verdict: Verdict) -> str:
    """The findings as a SARIF log (OASIS, SARIF 2.1.0); what is ignored or accepted is there, and suppressed."""
    rules = {row["code"]: _sarif_rule(row) for row in findings.rows}
    index = {code: place for place, code in enumerate(sorted(rules))}
    results = [_sarif_result(row, index[row["code"]], verdict.excuse(row)) for row in findings.rows]
    driver = {"name": "netpol-recommend", "version": findings.tool_version, "rules": [rules[c] for c in index]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return render_json({"$schema": SARIF_SCHEMA, "version": SARIF_VERSION, "runs": [run]})


def _sarif_rule(row: dict[str, Any]) -> dict[str, Any]:
    return {"id": row["code"], "name": row["title"], "help": {"text": row["impact"]}}


def _sarif_result(row: dict[str, Any], index: int, excuse: str) -> dict[str, Any]:
    text = f"{row['title']}: {row['subject']}: {row['reason']}. {row['impact']} {row['action']}"
    place = {
        "artifactLocation": {"uri": quote(row["place"]["file"])},
        "region": {"startLine": row["place"]["line"]},
    }
    logical = {"fullyQualifiedName": row["subject"]}
    return {
        "ruleId": row["code"],
        "ruleIndex": index,
        "level": _LEVELS[Severity(row["severity"])],
        "message": {"text": text},
        "locations": [{"physicalLocation": place, "logicalLocations": [logical]}],
        "partialFingerprints": {"netpolRecommend/v1": row["fingerprint"]},
        "properties": {"severity": row["severity"], "count": row["count"], "examples": row["examples"]},
        "suppressions": [{"kind": "external", "justification": excuse}] if excuse else [],
    }


def render_junit(findings: FindingsView, verdict: Verdict) -> str:
    """The findings as a JUnit report: a test each, failed where it fails the run, skipped where something excuses it.

    Every check is a test of its own.
    """
    suite = ET.Element("testsuite", name="netpol-recommend")
    for check in findings.checks:
        tried = ET.SubElement(suite, "testcase", classname=check.kind, name=_xml_text(check.name))
        if check.failure:
            ET.SubElement(tried, "failure", message=_xml_text(check.failure), type=check.kind)
    for row in findings.rows:
        name = _xml_text(f"{row['title']}: {row['subject']}")
        case = ET.SubElement(suite, "testcase", classname=f"{row['severity']}.{row['code']}", name=name)
        text = _xml_text("\n".join((row["reason"], row["impact"], row["action"], *row["examples"])))
        if verdict.fails(row):
            failure = ET.SubElement(case, "failure", message=_xml_text(row["reason"]), type=row["severity"])
            failure.text = text
            continue
        if excuse := verdict.excuse(row):
            ET.SubElement(case, "skipped", message=_xml_text(excuse))
        ET.SubElement(case, "system-out").text = text
    for name, kind in (("tests", "testcase"), ("failures", "failure"), ("skipped", "skipped")):
        suite.set(name, str(sum(1 for _ in suite.iter(kind))))
    ET.indent(suite)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(suite, encoding="unicode")}\n'


def _xml_text(text: str) -> str:
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
