import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from recommender.errors import ReportError, UsageError
from recommender.model.decision import Decisions, FindingChoice, FindingDecision, Followed, Signed
from recommender.model.gap import Gap, Severity
from recommender.model.replay import Denial
from recommender.report.findings_file import check_findings_file, write_findings_file
from recommender.report.findings_forms import render_findings_json, render_junit, render_sarif
from recommender.report.findings_verdict import verdict_of
from recommender.report.findings_view import findings_of as findings_of_view
from recommender.report.view import build_view
from tests.report.sample import sample_recommendation

HOSTILE = "</testcase><x a='\"&]]>\x00\u202e\x1b[31m\ud800{{7*7}}\n"


def findings_of(recommendation):
    return findings_of_view(build_view(recommendation))


def gap(code, severity, subject="shop/web"):
    return Gap(
        code=code,
        title="Title",
        severity=severity,
        subject=subject,
        reason=f"reason of {subject}",
        impact="Impact.",
        action="Action.",
        examples=(subject,),
    )


@pytest.fixture(scope="module")
def recommendation():
    gaps = (gap("NPR401", Severity.HIGH), gap("NPR102", Severity.MEDIUM, HOSTILE), gap("NPR108", Severity.INFO))
    return replace(sample_recommendation(), gaps=gaps)


class TestSarif:
    def test_results_rules_and_fingerprints(self, recommendation):
        (run,) = json.loads(render_sarif(findings_of(recommendation), verdict_of(None, ())))["runs"]
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        assert rules == ["NPR102", "NPR108", "NPR401"]
        assert [(item["ruleId"], item["level"]) for item in run["results"]] == [
            ("NPR401", "error"),
            ("NPR102", "warning"),
            ("NPR108", "none"),
        ]
        assert all(rules[item["ruleIndex"]] == item["ruleId"] for item in run["results"])
        assert run["results"][0]["partialFingerprints"] == {"netpolRecommend/v1": recommendation.gaps[0].fingerprint}
        assert all(item["suppressions"] == [] for item in run["results"])

    def test_what_is_ignored_is_suppressed_not_gone(self, recommendation):
        (run,) = json.loads(render_sarif(findings_of(recommendation), verdict_of(None, {"NPR401"})))["runs"]
        assert [len(item["suppressions"]) for item in run["results"]] == [1, 0, 0]


class TestJunit:
    def suite(self, recommendation, *told):
        return ET.fromstring(render_junit(findings_of(recommendation), verdict_of(*told)))  # noqa: S314 - our own text

    @pytest.mark.parametrize(
        ("fail_on", "ignored", "failures", "skipped"),
        [
            (None, (), 0, 0),
            (Severity.HIGH, (), 1, 0),
            (Severity.INFO, (), 3, 0),
            (Severity.HIGH, ("NPR401",), 0, 1),
            (Severity.INFO, ("NPR108",), 2, 1),
        ],
    )
    def test_fails_where_the_run_does(self, recommendation, fail_on, ignored, failures, skipped):
        suite = self.suite(recommendation, fail_on, ignored)
        assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("4", str(failures), str(skipped))
        fails = recommendation.worst_reaches(fail_on, ignored=ignored)
        assert fails is bool(failures)

    def test_the_proof_is_a_test(self, recommendation):
        broken = replace(
            recommendation,
            proof=replace(
                recommendation.proof,
                broken=(Denial(edge_id="e" * 12, edge="a -> b TCP/1", direction="egress", reason="x"),),
            ),
        )
        assert not broken.proof.holds
        assert self.suite(broken, None, ()).get("failures") == "1"

    def test_hostile_subjects_stay_text(self, recommendation):
        suite = self.suite(recommendation, Severity.INFO, ())
        assert {child.tag for child in suite.iter()} == {"testsuite", "testcase", "failure"}


class TestAccepted:
    """What a person accepted does not fail a run, so it must not fail in any form."""

    def accepted(self, recommendation, note=""):
        gap = recommendation.gaps[0]
        said = FindingDecision(
            fingerprint=gap.fingerprint, choice=FindingChoice.ACCEPT, signed=Signed(reviewer="Ada", note=note)
        )
        decisions = Decisions(findings=(said,), digest="0" * 32)
        return replace(
            recommendation, followed=Followed(decisions=decisions, items={}, findings={gap.fingerprint: said})
        )

    def test_it_is_skipped_suppressed_and_passes(self, recommendation):
        told = self.accepted(recommendation, "known </x>")
        verdict = verdict_of(Severity.HIGH, ())
        assert told.worst_reaches(Severity.HIGH) is False
        suite = ET.fromstring(render_junit(findings_of(told), verdict))  # noqa: S314 - our own text
        assert (suite.get("failures"), suite.get("skipped")) == ("0", "1")
        (run,) = json.loads(render_sarif(findings_of(told), verdict))["runs"]
        assert run["results"][0]["suppressions"] == [
            {"kind": "external", "justification": "accepted by Ada: known </x>"}
        ]
        found = json.loads(render_findings_json(findings_of(told), verdict))["findings"]
        assert [item["fails"] for item in found] == [False, False, False]
        assert found[0]["decision"]["decision"] == "accept"

    def test_the_proof_of_what_is_approved_is_a_check_of_its_own(self, recommendation):
        denial = Denial(edge_id="e" * 12, edge="a -> b TCP/1", direction="egress", reason="x")
        told = replace(self.accepted(recommendation), approved_proof=replace(recommendation.proof, broken=(denial,)))
        assert told.proof.holds
        assert [bool(check.failure) for check in findings_of(told).checks] == [False, True]
        assert json.loads(render_findings_json(findings_of(told), verdict_of(None, ())))["proof"] == {"holds": False}


class TestJson:
    def test_each_finding_says_whether_it_fails(self, recommendation):
        text = render_findings_json(findings_of(recommendation), verdict_of(Severity.MEDIUM, {"NPR401"}))
        found = json.loads(text)["findings"]
        assert [(item["code"], item["fails"], item["ignored"]) for item in found] == [
            ("NPR401", False, True),
            ("NPR102", True, False),
            ("NPR108", False, False),
        ]
        assert [item["fingerprint"] for item in found] == [gap.fingerprint for gap in recommendation.gaps]
        assert all(char.isprintable() or char == "\n" for char in text)


class TestFile:
    @pytest.mark.parametrize(
        ("ending", "start"),
        [("sarif", "{"), ("xml", "<?xml"), ("json", "{"), ("md", "# Findings"), ("annotations", "::")],
    )
    def test_the_ending_names_the_form(self, recommendation, tmp_path, ending, start):
        path = tmp_path / "new" / f"findings.{ending}"
        write_findings_file(findings_of(recommendation), path, verdict_of(None, ()))
        assert path.read_text(encoding="utf-8").startswith(start)
        assert [item.name for item in path.parent.iterdir()] == [path.name]

    def test_other_endings_are_refused(self, tmp_path):
        with pytest.raises(UsageError, match="no form"):
            check_findings_file(tmp_path / "findings.txt")

    def test_a_place_that_cannot_be_written(self, recommendation, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(ReportError, match="cannot be written"):
            write_findings_file(findings_of(recommendation), tmp_path / "file" / "findings.json", verdict_of(None, ()))
