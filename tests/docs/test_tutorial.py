"""The tutorial goes as it says: its commands are typed in order, and what it quotes is what they print."""

import json
import re
import shutil

import yaml

from tests.docs.pages import DEMO, DOCS, PROGRAM, Line, fences, lines, typed

PAGES = sorted((DOCS / "tutorial").glob("[0-9]-*.md"))
SERVES = "review"  # until it is stopped
DECISIONS = "decisions.yaml"


def everything_approved(folder, page):
    """What a reviewer saves who approves the first report's policies, and excludes what the page excludes."""
    view = json.loads((folder / "reports" / "first" / "recommendation.json").read_text(encoding="utf-8"))
    [shown] = [yaml.safe_load(fence.text) for fence in fences(page) if fence.language == "yaml"]
    items = [*view["policies"], *view["baselines"]]
    approved = [{"policy": one["item"], "digest": one["digest"], "decision": "approve"} for one in items]
    decided = {"schema_version": shown["schema_version"], "policies": approved, "edges": shown["edges"]}
    (folder / DECISIONS).write_text(yaml.safe_dump(decided), encoding="utf-8")
    return {one["policy"] for one in shown["policies"]} - {one["item"] for one in items}


def quoted(text):
    """A pattern for each line of a quotation, in which … stands for anything."""
    return [re.compile(".*".join(map(re.escape, line.split("…")))) for line in text.splitlines()]


def test_the_tour_goes_as_told(tmp_path):
    for path in (*DEMO.glob("events-*.log.gz"), DEMO / "inventory.json"):
        shutil.copy(path, tmp_path)
    count, printed = 0, []  # what an earlier page printed may be quoted again
    for page in PAGES:
        for fence in fences(page):
            for line in lines(fence):
                if line.command == SERVES:
                    continue
                if DECISIONS in line.text and not (tmp_path / DECISIONS).exists():
                    assert everything_approved(tmp_path, page) == set(), (
                        "the page decides on a policy that is not there"
                    )
                result = typed(line, tmp_path)
                assert result.exit_code == line.exit_code, f"{page.name}: {line.text}\n{result.output}"
                printed += result.stdout.splitlines()
                count += 1
            if fence.language == "text":
                missing = [one.pattern for one in quoted(fence.text) if not any(map(one.fullmatch, printed))]
                assert missing == [], f"{page.name} quotes what was not printed"
    assert count > 10


def test_the_policy_for_the_audit_isolates_both_ways_and_is_no_trap(tmp_path):
    [text] = [fence.text for fence in fences(PAGES[0]) if "kind: CiliumNetworkPolicy" in fence.text]
    path = tmp_path / "audit-default-deny.yaml"
    path.write_text(text, encoding="utf-8")
    policy = yaml.safe_load(text)
    assert policy["spec"]["ingress"] == policy["spec"]["egress"] == [{}]
    result = typed(Line(text=f"{PROGRAM} lint {path.name}", exit_code=0), tmp_path)
    assert result.exit_code == 0, result.output
