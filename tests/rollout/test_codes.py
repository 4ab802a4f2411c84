from pathlib import Path

import pytest

from recommender.assess.codes import FINDINGS
from recommender.rollout.codes import ROLLOUT_FINDINGS

DOCUMENT = Path(__file__).parents[2] / "docs" / "findings" / "README.md"


@pytest.mark.parametrize("finding", ROLLOUT_FINDINGS, ids=lambda finding: finding.code)
def test_every_finding_is_documented_word_for_word(finding):
    severities = " / ".join(severity.value for severity in finding.severities)
    row = f"| {finding.code} | {finding.title} | {severities} | {finding.impact} | {finding.action} |"
    assert row in DOCUMENT.read_text(encoding="utf-8").splitlines()


def test_the_document_knows_no_other_finding_of_the_room():
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    rows = [line[2:8] for line in lines if line.startswith("| NPR9")]
    assert rows == [finding.code for finding in ROLLOUT_FINDINGS]


def test_codes_are_given_once():
    codes = [finding.code for finding in (*FINDINGS, *ROLLOUT_FINDINGS)]
    assert len(codes) == len(set(codes))
