"""The real schemas judged these damaged policies (`tests/conformance/mutations.py`); whatever they refuse, we refuse.

It stands in for the CustomResourceDefinitions, which no package of the Python index carries.
"""

import functools
import gzip
import json
from pathlib import Path

import pytest

from recommender.errors import InvalidPolicyError
from recommender.semantics import PolicySet
from tests.conformance.mutations import WHOLE, manifests

GOLDEN = Path(__file__).with_name("golden") / "crd-answers.ndjson.gz"
KINDS = [f"{document['apiVersion']} {document['kind']}" for document in WHOLE]


@functools.cache
def answered():
    with gzip.open(GOLDEN, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def rows(kind):
    return [row for row in answered() if kind == _kind(row)]


def _kind(row):
    document = json.loads(row["text"])
    return f"{document['apiVersion']} {document['kind']}"


def refusal(row):
    try:
        PolicySet.parse([json.loads(row["text"])], namespaces={})
    except InvalidPolicyError as error:
        return error.what
    return ""


def is_known(row):
    """On purpose: kubectl fills in a namespace, and an unknown peer is read as the API asks of implementations."""
    (*_, last) = row["errors"]
    if "metadata.namespace: Required value" in last:
        return True
    about_peer = any(part in row["name"] for part in (".from.", ".to."))
    unknown = "at least 1 properties" in last or "unknown field" in row["errors"][0]
    return row["name"].startswith("ClusterNetworkPolicy") and about_peer and unknown


def test_the_answers_are_about_the_policies_as_they_are_damaged_today():
    assert [(row["name"], row["text"]) for row in answered()] == [(one["name"], one["text"]) for one in manifests()]


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_schema_refuses_is_refused(kind):
    refused = [row for row in rows(kind) if row["errors"]]
    assert len(refused) > 80
    accepted = [row["name"] for row in refused if not refusal(row) and not is_known(row)]
    assert accepted == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_schema_takes_is_refused_only_for_a_reason_of_the_cnis_own(kind):
    taken = [row for row in rows(kind) if not row["errors"]]
    refused = [row for row in taken if refusal(row)]
    assert not refusal(taken[0])
    assert len(refused) < len(taken) / 2 + 10
