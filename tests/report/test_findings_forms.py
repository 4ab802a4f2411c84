import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from recommender.errors import ReportError, UsageError
from recommender.model.gap import Gap, Severity
from recommender.report.findings_file import check_findings_file, write_findings_file
from recommender.report.findings_forms import render_findings_json, render_junit, render_sarif, verdict_of
from tests.report.sample import sample_recommendation

HOSTILE = "</testcase><x a='\"&]]>\x00\u202e\x1b[31m\ud800{{7*7}}\n"


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
        (run,) = json.loads(render_sarif(recommendation, verdict_of(None, ())))["runs"]
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
        (run,) = json.loads(render_sarif(recommendation, verdict_of(None, {"NPR401"})))["runs"]
        assert [len(item["suppressions"]) for item in run["results"]] == [1, 0, 0]


class TestJunit:
    def suite(self, recommendation, *told):
        return ET.fromstring(render_junit(recommendation, verdict_of(*told)))  # noqa: S314 - our own text

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
        broken = replace(recommendation, proof=replace(recommendation.proof, broken=("x",)))
        assert not broken.proof.holds
        assert self.suite(broken, None, ()).get("failures") == "1"

    def test_hostile_subjects_stay_text(self, recommendation):
        suite = self.suite(recommendation, Severity.INFO, ())
        assert {child.tag for child in suite.iter()} == {"testsuite", "testcase", "failure"}


class TestJson:
    def test_each_finding_says_whether_it_fails(self, recommendation):
        text = render_findings_json(recommendation, verdict_of(Severity.MEDIUM, {"NPR401"}))
        found = json.loads(text)["findings"]
        assert [(item["code"], item["fails"], item["ignored"]) for item in found] == [
            ("NPR401", False, True),
            ("NPR102", True, False),
            ("NPR108", False, False),
        ]
        assert [item["fingerprint"] for item in found] == [gap.fingerprint for gap in recommendation.gaps]
        assert all(char.isprintable() or char == "\n" for char in text)


class TestFile:
    @pytest.mark.parametrize("ending", ["sarif", "xml", "json"])
    def test_the_ending_names_the_form(self, recommendation, tmp_path, ending):
        path = tmp_path / "new" / f"findings.{ending}"
        write_findings_file(recommendation, path, verdict_of(None, ()))
        assert path.read_text(encoding="utf-8").startswith("<?xml" if ending == "xml" else "{")
        assert [item.name for item in path.parent.iterdir()] == [path.name]

    def test_other_endings_are_refused(self, tmp_path):
        with pytest.raises(UsageError, match="no form"):
            check_findings_file(tmp_path / "findings.txt")

    def test_a_place_that_cannot_be_written(self, recommendation, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(ReportError, match="cannot be written"):
            write_findings_file(recommendation, tmp_path / "file" / "findings.json", verdict_of(None, ()))
