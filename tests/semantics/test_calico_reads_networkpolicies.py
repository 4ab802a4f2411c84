"""A NetworkPolicy and what Calico's conversion makes of it are one; the reading of the former is checked elsewhere."""

from collections import Counter
from random import Random

import pytest
import yaml

from recommender.model.connection import Connection
from recommender.semantics import PolicySet, SemanticsSettings
from tests.conformance.random_scenarios import _scenario
from tests.conformance.scenarios import _PROTOCOLS, _endpoint, _pod
from tests.semantics.calico_samples import calico_global, converted

TEXT_OF_KUBERNETES = SemanticsSettings(
    cidr_matches_pods=True, unlisted_sections_enforced=False, own_node_beyond_policy=True, only_pods_governed=True
)
ELSEWHERE = calico_global("elsewhere", selector="app == 'nobody-carries-this'")
"""Makes a set one that Calico reads, and selects no pod."""


def connections(row):
    pods = {f"{pod['namespace']}/{pod['name']}": _pod(pod) for pod in with_addresses(row["Pods"])}
    for query in row["Queries"]:
        source, destination = (_endpoint(query[end], pods, row["fqdns"]) for end in ("From", "To"))
        protocol = _PROTOCOLS[query["Proto"]]
        yield Connection(source=source, destination=destination, protocol=protocol, port=query["Port"])


def with_addresses(pods):
    return [{**pod, "ip": f"10.{number}.0.7"} for number, pod in enumerate(pods)]


def outcomes(row, documents, settings=None):
    judged = PolicySet.parse(documents, namespaces=row["Namespaces"], settings=settings)
    return [
        (judgement.egress.outcome, judgement.ingress.outcome)
        for judgement in (judged.judge(one) for one in connections(row))
    ]


@pytest.mark.parametrize("seed", range(40))
def test_three_ways_to_say_it_have_one_answer(seed):
    row = _scenario(Random(f"calico/{seed}"), f"calico-{seed}", ("np",))
    documents = [yaml.safe_load(text) for text in row["Policies"]]
    as_kubernetes = outcomes(row, documents, TEXT_OF_KUBERNETES)
    assert outcomes(row, [*documents, ELSEWHERE]) == as_kubernetes
    assert outcomes(row, [converted(document) for document in documents]) == as_kubernetes


def test_the_scenarios_ask_enough():
    rows = [_scenario(Random(f"calico/{seed}"), "", ("np",)) for seed in range(40)]
    found = Counter(
        outcome
        for row in rows
        for pair in outcomes(row, [yaml.safe_load(text) for text in row["Policies"]], TEXT_OF_KUBERNETES)
        for outcome in pair
    )
    assert min(found.values()) > 400
