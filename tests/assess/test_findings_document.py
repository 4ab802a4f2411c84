from pathlib import Path

import pytest

from recommender.assess.codes import FINDINGS
from recommender.cli.findings_document import renewed_table

DOCUMENT = Path(__file__).parents[2] / "docs" / "findings" / "README.md"


@pytest.fixture(scope="module")
def rows():
    """The cells of every table row that begins with a code."""
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("| NPR")]
    return {row[0]: row for row in cells}


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda finding: finding.code)
def test_every_finding_of_the_room_is_documented_word_for_word(rows, finding):
    severities = " / ".join(severity.value for severity in finding.severities)
    assert rows[finding.code] == [finding.code, finding.title, severities, finding.impact, finding.action]


def test_the_document_knows_no_finding_of_the_room_that_is_gone(rows):
    ours = {code for code in rows if code[3] in "14568"}
    assert ours == {finding.code for finding in FINDINGS}


def test_codes_stand_in_order_and_once(rows):
    assert list(rows) == sorted(rows)
    codes = [finding.code for finding in FINDINGS]
    assert codes == sorted(set(codes))


@pytest.mark.parametrize(
    "code",
    [
        "NPR201",
        "NPR202",
        "NPR203",
        "NPR205",
        "NPR206",
        "NPR207",
        "NPR208",
        "NPR301",
        "NPR306",
        "NPR310",
        "NPR316",
        "NPR317",
        "NPR318",
        "NPR319",
        "NPR320",
    ],
)
def test_findings_of_other_rooms_have_a_row(rows, code):
    assert all(rows[code])


def test_severities_are_listed_worst_first():
    for finding in FINDINGS:
        ranks = [severity.rank for severity in finding.severities]
        assert ranks == sorted(set(ranks)), finding.code


def test_the_document_is_as_make_docs_writes_it():
    text = DOCUMENT.read_text(encoding="utf-8")
    assert renewed_table(text) == text


def test_rows_without_a_registry_and_other_text_are_kept():
    text = "# T\n\nwords\n\n## NPR2xx: x\n\n|---|---|---|---|---|\n| NPR299 | a | low | b | c |\n\nmore\n"
    assert renewed_table(text) == text
