from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.errors import UsageError
from recommender.model.decision import Choice, EdgeChoice, FindingChoice, RuleChoice
from recommender.review.read import parse_decisions, read_decisions

DIGEST = "0123456789abcdef" * 2
EDGE = "shop/Deployment/web -> data/StatefulSet/postgres TCP/5432"
WHOLE = f"""\
schema_version: 1
report: "{DIGEST}"
policies:
  - policy: shop/web-404d3b
    digest: {DIGEST}
    decision: approve
    reviewer: Ada
    note: "looks right"
    expires: 2027-01-31
  - policy: shop/cart-0f999f
    decision: defer
rules:
  - policy: shop/web-404d3b
    rule: to data/postgres on TCP 5432
    edges: ["{EDGE}"]
    decision: keep
edges:
  - {{edge: "{EDGE}", decision: exclude}}
findings:
  - finding: 0123456789abcdef
    subject: anything
    decision: accept
"""


def read(text):
    return parse_decisions(text.encode(), "decisions.yaml")


def test_every_kind_is_read(tmp_path):
    path = tmp_path / "decisions.yaml"
    path.write_text(WHOLE)
    found = read_decisions(path)
    deferred, approved = found.policies
    assert (approved.policy, approved.digest, approved.choice) == ("shop/web-404d3b", DIGEST, Choice.APPROVE)
    assert (approved.signed.reviewer, approved.signed.note) == ("Ada", "looks right")
    assert approved.signed.expires == date(2027, 1, 31)
    assert approved.signed.place == "decisions.yaml:4"
    assert (deferred.choice, deferred.digest) == (Choice.DEFER, "")
    assert [(one.choice, one.edges) for one in found.rules] == [(RuleChoice.KEEP, (EDGE,))]
    assert [one.choice for one in found.edges] == [EdgeChoice.EXCLUDE]
    assert [one.choice for one in found.findings] == [FindingChoice.ACCEPT]
    assert found.given
    assert found.source == "decisions.yaml"


def test_a_file_that_decides_nothing_is_a_file_all_the_same():
    found = read("schema_version: 1\npolicies:\n")
    assert found.given
    assert found.policies == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("reviewer: Ada", "reviwer: Ada", 7, "did you mean `reviewer`?"),
        ("edges:\n  - {", "egdes:\n  - {", 17, "did you mean `edges`?"),
        ("decision: approve", "decision: aprove", 6, "did you mean `approve`?"),
        ("decision: keep", "decision: approve", 16, "known: keep"),
        (f"    digest: {DIGEST}\n", "", 4, "the digest is missing"),
        (f"digest: {DIGEST}", "digest: 0123", 5, "the digest is missing or none"),
        (f'edge: "{EDGE}"', "edge: web", 18, "`web` names no edge"),
        (f'edges: ["{EDGE}"]', "edges: web", 15, "edges must be a list"),
        ("finding: 0123456789abcdef", "finding: NPR401", 20, "`NPR401` is no finding"),
        ("expires: 2027-01-31", "expires: 31.1.2027", 9, "is no day"),
        ("schema_version: 1", "schema_version: 2", 1, "the only form that is known"),
        ("policy: shop/cart-0f999f", "policy: shop/web-404d3b", 10, "is decided twice"),
        ("reviewer: Ada", "decision: reject", 7, "stands twice"),
        ("    decision: defer\n", "", 10, "lacks the field `decision`"),
        ('note: "looks right"', "note: [a, b]", 8, "must be a text"),
        ("subject: anything\n", "subject: *a\n", 21, "an alias"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(old, new, line, words):
    text = WHOLE.replace(old, new, 1)
    assert text != WHOLE
    with pytest.raises(UsageError) as caught:
        read(text)
    told = f"{caught.value} {caught.value.hint}"
    assert words in told
    assert f"decisions.yaml:{line}" in told


@pytest.mark.parametrize(
    "text", ["", "[]", "a: [", "--- 1\n--- 2\n", "\xff".encode("latin-1"), "a: " + "[" * 100_000, "- " * 100_000]
)
def test_what_is_no_decisions_file_is_refused(text):
    content = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(UsageError, match=r"decisions\.yaml"):
        parse_decisions(content, "decisions.yaml")


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=40))
def test_any_text_between_double_quotes_comes_back(text):
    """As the page writes it: between double quotes, all printable ASCII."""
    quoted = "".join(char if " " <= char <= "~" and char not in '"\\' else f"\\U{ord(char):08x}" for char in text)
    found = read(f'schema_version: 1\npolicies:\n  - {{policy: "{quoted}", decision: defer}}\n')
    assert found.policies[0].policy == text
