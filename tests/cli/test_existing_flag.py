"""The main job from the command line, with policies that are there already."""

import json

import pytest

from tests.cli.test_main import run
from tests.quirks.raw import DB_IP, WEB_IP, pod, record, reply, write
from tests.semantics.samples import app, cnp, to_port

ALLOWS = cnp("db", endpointSelector=app("db"), ingress=[{"fromEndpoints": [app("web")], "toPorts": to_port("5432")}])
BROKEN = cnp("broken", endpointSelector=app("db"), ingress=[])


@pytest.fixture
def capture(tmp_path):
    lines = []
    for number in range(6):
        ends = pod("web", local=True), f"{WEB_IP}:{40000 + number}", pod("db", local=True), f"{DB_IP}:5432"
        first = record(*ends, "SYN", at=900.0 * number, is_reply=False)
        lines += [first, reply(first, "SYN", "ACK", at=900.0 * number + 0.001)]
    return write(tmp_path, lines)


def job(capture, tmp_path, *flags):
    inventory = tmp_path / "inventory.json"
    inventory.write_text(json.dumps({"kind": "List", "items": [ALLOWS, BROKEN]}), encoding="utf-8")
    output = tmp_path / "report"
    done = run(str(capture), "--inventory", str(inventory), "-o", str(output), "--quiet", *flags)
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads((output / "recommendation.json").read_text(encoding="utf-8"))


def test_existing_policies_are_completed_and_what_cannot_be_judged_is_named(capture, tmp_path):
    said, view = job(capture, tmp_path)
    assert "existing   2 policies: 1 judged, 1 rule not repeated, 1 could not be judged\n" in said
    assert "allowed by 2 manifests and 1 existing policy (" in said
    [unjudged] = [gap for gap in view["gaps"] if gap["code"] == "NPR605"]
    assert (unjudged["subject"], unjudged["severity"]) == ("CiliumNetworkPolicy/shop/broken", "high")
    assert [item["policies"] for item in view["existing"]["left_out"]] == [["CiliumNetworkPolicy/shop/db"]]


def test_they_can_be_ignored(capture, tmp_path):
    said, view = job(capture, tmp_path, "--existing", "ignore")
    assert "existing   left aside as told\n" in said
    assert view["existing"]["left_out"] == []
    assert view["existing"]["use"] == "ignore"


def test_another_word_is_refused(capture):
    done = run(str(capture), "--existing", "delete")
    assert done.returncode == 2
    assert "'delete' is not one of 'complement', 'by-name', 'ignore'" in done.stderr
