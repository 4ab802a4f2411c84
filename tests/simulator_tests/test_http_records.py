"""HTTP access log records of the simulator: in Hubble's form, and counted in the truth."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.simulator import describe_demo, describe_http_shop, simulate
from tests.simulator_tests.flow_reading import flows_of

REAL = Path(__file__).parents[3] / "shared/data/hubble-real/transcribed/ephico-30-l7-http-excerpt.ndjson"
WORDS = {"{id}": "[0-9]+", "{uuid}": "[0-9a-f-]{36}", "{hash}": "[0-9a-f]{12}", "{date}": "[0-9-]{10}"}


@pytest.fixture(scope="module")
def capture():
    simulation = simulate(describe_http_shop(), days=0.5, seed=5)
    return [flow for flow in flows_of(simulation.lines()) if "http" in flow.get("l7", {})], simulation


def keys(value, path=""):
    """Every key of a record, with its place."""
    if isinstance(value, dict):
        return {f"{path}.{key}" for key in value} | {
            found for key in value for found in keys(value[key], f"{path}.{key}")
        }
    return set()


@pytest.mark.parametrize("kind", ["REQUEST", "RESPONSE"])
def test_records_have_the_fields_of_recorded_ones_in_their_order(capture, kind):
    if not REAL.exists():
        pytest.skip(f"{REAL.name} is not beside this checkout")
    recorded = [json.loads(line)["flow"] for line in REAL.read_text(encoding="utf-8").splitlines()]
    real = next(flow for flow in recorded if flow["l7"]["type"] == kind)
    ours = next(flow for flow in capture[0] if flow["l7"]["type"] == kind)
    masked = {".node_labels"}
    remote = {key for key in keys(real) if key.startswith((".source.", ".destination."))}
    assert keys(ours) - remote == keys(real) - masked - remote
    order = [key for key in real if key != "node_labels"]
    assert list(ours) == order


def test_a_response_has_its_ends_swapped_and_follows_its_request(capture):
    by_number = {}
    for flow in capture[0]:
        headers = {item["key"]: item["value"] for item in flow["l7"]["http"]["headers"]}
        by_number.setdefault(headers["X-Request-Id"], []).append(flow)
    assert len(by_number) > 100
    for flows in by_number.values():
        kinds = {flow["l7"]["type"]: flow for flow in flows}
        asked, answered = kinds["REQUEST"], kinds["RESPONSE"]
        assert asked["IP"]["source"] == answered["IP"]["destination"]
        assert asked["l4"]["TCP"]["destination_port"] == answered["l4"]["TCP"]["source_port"]
        assert asked["traffic_direction"] == answered["traffic_direction"] == "INGRESS"
        assert (asked["is_reply"], answered["is_reply"]) == (False, True)
        assert asked["time"] < answered["time"]
        assert "code" not in asked["l7"]["http"]


def test_a_denied_request_is_dropped_without_a_reason_and_answered_403(capture):
    dropped = [flow for flow in capture[0] if flow["verdict"] == "DROPPED"]
    assert dropped
    assert {flow["l7"]["type"] for flow in dropped} == {"REQUEST"}
    assert not any("drop_reason_desc" in flow for flow in dropped)
    refused = [flow for flow in capture[0] if flow["l7"]["http"].get("code") == 403]
    assert len({str(flow["l7"]["http"]["headers"][-1]) for flow in refused}) == len(
        {str(flow["l7"]["http"]["headers"][-1]) for flow in dropped}
    )


def test_every_logged_request_stands_in_the_truth(capture):
    flows, simulation = capture
    numbers = {flow["l7"]["http"]["headers"][-1]["value"]: flow for flow in flows if flow["l7"]["type"] == "REQUEST"}
    found: Counter[tuple[str, str]] = Counter()
    rows = simulation.truth["requests"]
    patterns = {row["path"]: re.compile(_pattern(row["path"])) for row in rows}
    for flow in numbers.values():
        path = flow["l7"]["http"]["url"].split("/", 3)[3].partition("?")[0]
        (match,) = [name for name, pattern in patterns.items() if pattern.fullmatch(f"/{path}")]
        found[flow["l7"]["http"]["method"], match] += 1
    told: Counter[tuple[str, str]] = Counter()
    for row in rows:
        told[row["method"], row["path"]] += row["requests"]
    assert found == told


def _pattern(path: str) -> str:
    pattern = re.escape(path).replace("\\{", "{").replace("\\}", "}")
    for word, one in WORDS.items():
        pattern = pattern.replace(word, one)
    return pattern


def test_the_proxy_is_seen_before_the_requests(capture):
    _, simulation = capture
    redirected = [flow for flow in flows_of(simulation.lines()) if flow["verdict"] == "REDIRECTED"]
    proxied = [flow for flow in flows_of(simulation.lines()) if flow.get("trace_observation_point") == "TO_PROXY"]
    assert len(redirected) > 100
    assert abs(len(redirected) - len(proxied)) <= 0.05 * len(redirected)
    assert all(flow["ingress_allowed_by"][0]["name"] == "http-visibility" for flow in redirected)


def test_the_proxys_own_leg_carries_the_clients_identity_and_no_pods_name(capture):
    _, simulation = capture
    legs = [
        flow
        for flow in flows_of(simulation.lines())
        if flow.get("trace_observation_point") == "TO_ENDPOINT"
        and set(flow["source"]) <= {"identity", "cluster_name", "labels"}
        and flow["source"]["labels"][0].startswith("k8s:")
        and flow.get("l4", {}).get("TCP", {}).get("destination_port") == 8080
    ]
    assert len(legs) > 50
    assert {flow["IP"]["source"].rsplit(".", 1)[0] for flow in legs} <= {"10.244.0", "10.244.1", "10.244.2"}
    assert len({flow["IP"]["source"] for flow in legs}) <= 3


def test_clusters_without_http_are_as_they_were():
    simulation = simulate(describe_demo(), days=0.1, seed=7)
    assert "requests" not in simulation.truth
    assert not any("http" in flow.get("l7", {}) for flow in flows_of(simulation.lines()))
