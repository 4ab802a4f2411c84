"""Cilium's own engine answered these random scenarios; `make conformance-live` asks it about new ones."""

import json
from collections import Counter
from pathlib import Path

import pytest
import yaml

from recommender.model.connection import Connection
from recommender.model.explanation import Basis
from recommender.semantics import PolicySet
from recommender.semantics.cluster_policies import ClusterPolicies
from recommender.semantics.connectivity import PairJudge
from recommender.semantics.explain import explain
from tests.conformance.random_scenarios import scenarios
from tests.conformance.scenarios import _CILIUM, _PROTOCOLS, _endpoint, _pod, compare, rows

GOLDEN = Path(__file__).with_name("golden") / "cilium-1.20.2-random.ndjson.gz"
KINDS = ("NetworkPolicy", "CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy", "ClusterNetworkPolicy")
TEXT_OF_THE_API = {"baseline_opens_isolated": False, "negated_namespaces_match_all_kinds": False}


def judged(row):
    policies = PolicySet.parse(
        [yaml.safe_load(text) for text in row["Policies"]], namespaces=row["Namespaces"], settings=_CILIUM
    )
    pods = {f"{pod['namespace']}/{pod['name']}": _pod(pod) for pod in row["Pods"]}
    for query in row["Queries"]:
        source, destination = (_endpoint(query[end], pods, row["fqdns"]) for end in ("From", "To"))
        protocol = _PROTOCOLS[query["Proto"]]
        yield policies, Connection(source=source, destination=destination, protocol=protocol, port=query["Port"])


def some_rows():
    return [row for number, row in enumerate(rows(GOLDEN)) if number % 6 in {3, 5} and number % 5 == 0]


def test_every_answer_is_the_engines():
    tally = compare(GOLDEN)
    assert tally.differences == ()
    assert tally.agreed == tally.asked == 12_240


def test_the_answers_are_of_every_kind():
    kinds = Counter(yaml.safe_load(text)["kind"] for row in rows(GOLDEN) for text in row["Policies"])
    answers = Counter(query[side] for row in rows(GOLDEN) for query in row["Queries"] for side in ("Egress", "Ingress"))
    redirects = sum(query.get("EgressRedirect", False) for row in rows(GOLDEN) for query in row["Queries"])
    assert min(kinds[kind] for kind in KINDS) > 50
    assert min(answers.values()) > 2_000
    assert redirects > 20


def test_the_text_of_the_api_differs_only_where_its_tiers_do(tmp_path):
    path = tmp_path / "text.ndjson"
    with path.open("w", encoding="utf-8") as out:
        for row in rows(GOLDEN):
            out.write(json.dumps({**row, "Settings": TEXT_OF_THE_API}) + "\n")
    differing = {difference.partition(":")[0] for difference in compare(path).differences}
    tiered = {row["Name"] for row in rows(GOLDEN) if any("kind: ClusterNetworkPolicy" in t for t in row["Policies"])}
    assert differing
    assert differing < tiered


def test_an_explanation_says_what_the_judge_says():
    bases = Counter()
    for row in some_rows():
        for policies, connection in judged(row):
            judgement, said = policies.judge(connection), explain(policies, connection)
            assert (said.egress.outcome, said.ingress.outcome) == (judgement.egress.outcome, judgement.ingress.outcome)
            assert said.ingress.redirect == judgement.ingress.redirect
            assert tuple(sorted({rule.policy for rule in said.egress.rules})) == judgement.egress.decided_by
            bases.update((said.egress.basis, said.ingress.basis))
    assert min(bases[basis] for basis in (Basis.RULE, Basis.DEFAULT_DENY, Basis.NOT_SELECTED, Basis.NO_SUBJECT)) > 10


def test_the_map_holds_exactly_the_ports_that_the_judge_allows():
    asked = Counter()
    for row in some_rows():
        for policies, connection in judged(row):
            pair = PairJudge(policies=ClusterPolicies(by_cluster={}, fallback=policies))
            spans = pair.ports(connection.source, connection.destination)
            listed = any(
                span.protocol is connection.protocol and span.low <= connection.port <= span.high for span in spans
            )
            assert listed == policies.judge(connection).allowed, connection
            asked[listed] += 1
    assert min(asked.values()) > 200


def test_a_seed_gives_the_same_scenarios():
    assert list(scenarios(7, 6)) == list(scenarios(7, 6))
    assert list(scenarios(7, 1)) != list(scenarios(8, 1))


@pytest.mark.parametrize("scenario", tuple(scenarios(11, 12)), ids=lambda scenario: scenario["Name"])
def test_every_random_policy_is_valid(scenario):
    documents = [yaml.safe_load(text) for text in scenario["Policies"]]
    policies = PolicySet.parse(documents, namespaces=scenario["Namespaces"])
    assert policies.policies <= {
        f"{d['kind']}/{d['metadata'].get('namespace', '')}/{d['metadata']['name']}".replace("//", "/")
        for d in documents
    }
