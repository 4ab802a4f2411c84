"""In which order should a person decide? Risk times uncertainty, both told in words."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from recommender.model.disposition import Disposition
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FROM_OUTSIDE: Final = 3
TO_ANYWHERE: Final = 3
CUTS: Final = 3
HIGH_FINDING: Final = 2
MARKED: Final = 1
WIDENED: Final = 1
BY_PERSON: Final = 1
"""Points of risk: how much a mistake in the policy would cost. An order for reading, not a measure."""

_OPEN: Final = frozenset({Severity.HIGH, Severity.MEDIUM})


def review_queue(view: dict[str, Any]) -> list[dict[str, Any]]:
    """Every policy and shared baseline, most urgent first.

    `priority` is (1 + points of risk) times (1 - confidence); `bulk` says whether it may be approved with others at
    once: confidence high, no open finding of weight about it, no risk.
    """
    facts = _Facts(view)
    rows = [_baseline_row(baseline) for baseline in view["baselines"]]
    rows += [_policy_row(policy, facts) for policy in view["policies"]]
    return sorted(rows, key=lambda row: (-row["priority"], row["item"]))


class _Facts:
    """What the view says about each group, looked up once."""

    def __init__(self, view: dict[str, Any]) -> None:
        reach = view["answers"]["reach"]
        self.edges = {edge["id"]: edge for edge in view["edges"]}
        self.open_to_world = {item["group"] for item in reach["open_to_world"]}
        self.reaches_world = {item["group"] for item in reach["groups"] if item["world"]}
        self.members = {group["display"]: {group["display"], *group["members"]} for group in view["groups"]}
        self.cut = _cut_by_group(view["edges"])
        self.gaps: defaultdict[str, list[int]] = defaultdict(list)
        for place, gap in enumerate(view["gaps"]):
            if gap["severity"] in _OPEN and not gap["decision"]:
                self.gaps[gap["subject"]].append(place)
        self.severities = [gap["severity"] for gap in view["gaps"]]

    def gaps_of(self, policy: Mapping[str, Any]) -> list[int]:
        """Places among the view's gaps of those about the policy, its group or a member."""
        subjects = {policy["item"], policy["name"], *self.members.get(policy["group"], {policy["group"]})}
        return sorted(place for subject in subjects for place in self.gaps.get(subject, ()))


def _cut_by_group(edges: Iterable[dict[str, Any]]) -> dict[str, int]:
    """Per group the edges that are left out though nothing speaks against them."""
    found: defaultdict[str, int] = defaultdict(int)
    for edge in edges:
        if edge["disposition"] == Disposition.EXCLUDED:
            for group in {edge["client_group"], edge["server_group"]} - {""}:
                found[group] += 1
    return found


def _policy_row(policy: dict[str, Any], facts: _Facts) -> dict[str, Any]:
    gaps = facts.gaps_of(policy)
    rules = [rule for rule in policy["rules"] if not rule["baseline"]]
    edges = [facts.edges[edge] for rule in rules for edge in rule["edges"] if edge in facts.edges]
    marked = len({edge["id"] for edge in edges if edge["disposition"] == Disposition.REVIEW})
    told = len({edge["id"] for edge in edges if edge["by_person"]})
    widened = sum(bool(rule["widenings"]) for rule in rules)
    high = sum(facts.severities[place] == Severity.HIGH for place in gaps)
    cut = facts.cut.get(policy["group"], 0)
    risks = [
        (FROM_OUTSIDE, policy["group"] in facts.open_to_world, "open to any address outside"),
        (TO_ANYWHERE, policy["group"] in facts.reaches_world, "may reach any address outside"),
        (CUTS, cut, f"{cut} edge{'s' * (cut != 1)} left out"),
        (HIGH_FINDING, high, f"{high} high finding{'s' * (high != 1)}"),
        (MARKED, marked, f"{marked} marked edge{'s' * (marked != 1)}"),
        (WIDENED, widened, f"{widened} rule{'s' * (widened != 1)} wider than seen"),
        (BY_PERSON, told, f"{told} edge{'s' * (told != 1)} by decision"),
    ]
    points = sum(weight for weight, applies, _ in risks if applies)
    confidence = policy["confidence"]
    return {
        "kind": "policy",
        "item": policy["item"],
        "title": policy["group"],
        "namespace": policy["namespace"],
        "band": confidence["band"],
        "confidence": confidence["value"],
        "risk": points,
        "risks": [text for _, applies, text in risks if applies],
        "gaps": gaps,
        "rules": len(policy["rules"]),
        "bulk": confidence["band"] == "high" and not gaps and not points,
        "priority": round((1 + points) * (1 - confidence["value"]), 4),
    }


def _baseline_row(baseline: dict[str, Any]) -> dict[str, Any]:
    """A baseline stands first: the policies rely on it, and it isolates nobody."""
    clients = len(baseline["clients"])
    return {
        "kind": "baseline",
        "item": baseline["item"],
        "title": f"baseline {baseline['kind']}",
        "namespace": "cluster-wide",
        "band": "",
        "confidence": None,
        "risk": 0,
        "risks": [f"{clients} group{'s' * (clients != 1)} rel{'ies' if clients == 1 else 'y'} on it: approve it first"],
        "gaps": [],
        "rules": 0,
        "bulk": False,
        "priority": float(1000 + clients),
    }
