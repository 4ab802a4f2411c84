"""The HTTP shop, whose needs are known: what is narrowed, what is left out, and what stays at layer 4."""

from __future__ import annotations

import random

import pytest
import yaml

from recommender import Settings, recommend
from recommender.model.granularity import Granularity
from recommender.model.http_rule import SetAsideReason
from recommender.model.layer7 import Layer7
from recommender.model.manifest import Dialect
from recommender.model.policy import Direction
from tests.simulator import describe_http_shop, simulate

WORDS = {"{id}": "{integer}", "{hash}": "{hex}"}
SEEN_IN_PART = ("shop/report", "shop/orders", 8080)


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    directory = tmp_path_factory.mktemp("http-shop")
    simulation = simulate(describe_http_shop(), days=1.5, seed=11)
    files = simulation.write(directory)
    simulation.write_inventory(directory / "inventory.json")
    return files, simulation.truth, directory / "inventory.json"


@pytest.fixture(scope="module")
def narrowed(capture):
    files, _, inventory = capture
    return recommend(files, Settings(l7=Layer7.HTTP), inventory=inventory)


def group_of(end: str) -> str:
    namespace, _, name = end.split("/")
    return f"{namespace}/{name}"


def needs(truth):
    """Pair to the methods and path templates that it needs."""
    found: dict[tuple[str, str, int], set[str]] = {}
    for row in truth["requests"]:
        if not row["noise"]:
            path = row["path"]
            for word, ours in WORDS.items():
                path = path.replace(word, ours)
            pair = (group_of(row["client"]), group_of(row["server"]), row["port"])
            found.setdefault(pair, set()).add(f"{row['method']} {path}")
    return found


def test_each_pair_gets_exactly_the_methods_and_templates_that_it_needs(capture, narrowed):
    expected = needs(capture[1])
    pairs = {(pair.client, pair.server, pair.port): pair for pair in narrowed.http_pairs}
    assert pairs.keys() == expected.keys()
    for key, pair in pairs.items():
        assert {rule.text for rule in pair.rules} == expected[key]
        assert pair.written is (key != SEEN_IN_PART)


def test_noise_is_left_out_with_its_reason(capture, narrowed):
    noise = {(row["method"], row["path"]): row["noise"] for row in capture[1]["requests"] if row["noise"]}
    aside = {(item.method, item.path): item.reason for pair in narrowed.http_pairs for item in pair.set_aside}
    assert aside.keys() == noise.keys()
    reasons = {"path-scan": SetAsideReason.SCAN, "denied": SetAsideReason.DENIED}
    assert all(aside[key] is reasons[word] for key, word in noise.items())


def test_the_proof_counts_every_request(capture, narrowed):
    rows = capture[1]["requests"]
    left_out = sum(row["requests"] for row in rows if row["noise"])
    assert narrowed.proof.holds
    assert narrowed.proof.http.set_aside == left_out
    assert narrowed.proof.http.allowed == sum(row["requests"] for row in rows) - left_out
    assert not narrowed.proof.http.opened


def test_rules_stand_in_the_servers_ingress_only_and_in_no_shared_file(narrowed):
    documents = [yaml.safe_load(manifest.text) for manifest in narrowed.manifests]
    rules = [rule for item in narrowed.policies for rule in item.policy.rules if rule.http]
    assert {rule.direction for rule in rules} == {Direction.INGRESS}
    assert all(rule.baseline is None for rule in rules)
    wide = [document for document in documents if document["kind"] == "CiliumClusterwideNetworkPolicy"]
    assert wide
    assert "http" not in str(wide)


def test_what_was_not_seen_is_a_gap_for_every_pair(narrowed):
    told = {gap.subject for gap in narrowed.gaps if gap.code == "NPR317"}
    assert told >= {pair.subject for pair in narrowed.http_pairs}
    assert not any(gap.code == "NPR316" for gap in narrowed.gaps)


def test_without_the_flag_layer_4_stays_and_the_report_says_which_pairs_could_be_narrowed(capture, narrowed):
    files, _, inventory = capture
    plain = recommend(files, inventory=inventory)
    assert not any("http:" in manifest.text for manifest in plain.manifests)
    could = {gap.subject for gap in plain.gaps if gap.code == "NPR316"}
    assert could == {pair.subject for pair in narrowed.http_pairs if pair.written}
    assert plain.proof.http.allowed == plain.proof.http.requests
    assert any(gap.code == "NPR317" and "scan of paths" in gap.reason for gap in plain.gaps)


def test_networkpolicy_loses_the_requests_and_says_so(capture):
    files, _, inventory = capture
    lost = recommend(files, Settings(l7=Layer7.HTTP, dialect=Dialect.KUBERNETES), inventory=inventory)
    assert lost.proof.holds
    assert any("HTTP" in loss.wanted and loss.wider for loss in lost.losses)
    assert not any(pair.written for pair in lost.http_pairs)
    assert all("403" not in gap.impact for gap in lost.gaps if gap.code == "NPR317")


def test_the_result_depends_neither_on_the_order_of_lines_nor_on_files(capture, narrowed, tmp_path):
    files, _, inventory = capture
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    random.Random(3).shuffle(lines)
    shuffled = tmp_path / "all.log"
    shuffled.write_text("\n".join(lines), encoding="utf-8")
    again = recommend(shuffled, Settings(l7=Layer7.HTTP), inventory=inventory)
    assert [manifest.text for manifest in again.manifests] == [manifest.text for manifest in narrowed.manifests]
    assert again.http_pairs == narrowed.http_pairs


LEVELS = {
    "workload": Settings(l7=Layer7.HTTP, granularity=Granularity.WORKLOAD),
    "sensitive": Settings(l7=Layer7.HTTP, granularity=Granularity.NAMESPACE, sensitive=("shop",)),
    "starter": Settings(l7=Layer7.HTTP, minimum_viable=True, sensitive=("shop",)),
}


@pytest.mark.parametrize("level", LEVELS)
def test_single_servers_are_narrowed_alike_whatever_the_level_of_the_rest(capture, narrowed, level):
    files, _, inventory = capture
    result = recommend(files, LEVELS[level], inventory=inventory)
    assert result.proof.holds
    assert [(pair.server, pair.port, pair.rules, pair.written) for pair in result.http_pairs] == [
        (pair.server, pair.port, pair.rules, pair.written) for pair in narrowed.http_pairs
    ]


@pytest.mark.parametrize("chosen", [{"granularity": Granularity.NAMESPACE}, {"minimum_viable": True}])
def test_servers_that_share_a_policy_with_their_namespace_stay_at_layer_4(capture, chosen):
    """One of them was seen in part; together with the others it would look well seen."""
    files, _, inventory = capture
    result = recommend(files, Settings(l7=Layer7.HTTP, **chosen), inventory=inventory)
    assert result.proof.holds
    assert result.http_pairs
    assert not any(pair.written for pair in result.http_pairs)
    assert all("whole namespace" in pair.obstacle for pair in result.http_pairs)
    assert not any(rule.http for item in result.policies for rule in item.policy.rules)
