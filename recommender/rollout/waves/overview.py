"""The first page of a rollout: all waves in order, what waits, and what an earlier run left over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.gaps.report import command_name
from recommender.report.markdown_text import code, fenced
from recommender.report.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.rollout.waves.plan import RolloutPlan


def overview(plan: RolloutPlan) -> str:
    """The folder's README."""
    return "\n".join(_overview(plan)) + "\n"


def _overview(plan: RolloutPlan) -> Iterator[str]:
    yield "# Rollout"
    yield ""
    yield f"Dialect {code(plan.dialect)}, report {code(plan.report_digest)}. Nothing here was applied; every step is a"
    yield "`kubectl` command that a person runs, from inside the wave's folder. Go through the waves in order, and back"
    yield "in the opposite order."
    yield ""
    yield f"Proved: at each of {plan.judged_text} between two objects, there and back, audits as if they were enforced,"
    yield f"all of {plan.edges} needed edges that passed before still pass; no default deny stands before its allows."
    yield from _not_by_policies_in_force(plan)
    clusters = sorted({wave.cluster for wave in plan.waves} - {""})
    if clusters:
        yield ""
        yield f"Several clusters ({', '.join(map(code, clusters))}): each wave is for one of them, and its commands"
        yield "do nothing until `CONTEXT` names the kubeconfig's context of it."
    yield ""
    yield "| Wave | Environment | Does | Objects | Wait | Stop above |"
    yield "|---|---|---|---|---|---|"
    for wave in plan.waves:
        waits = (counted(wave.wait_days, "day"), wave.stop_above) if wave.candidates else ("none", "none")
        yield (
            f"| [{wave.name}]({wave.name}/README.md) | {wave.place} | {wave.stage} | {len(wave.objects)} "
            f"| {waits[0]} | {waits[1]} |"
        )
    if plan.in_force:
        yield ""
        yield f"In force already, as the report has them, and in no wave: {', '.join(map(code, plan.in_force))}."
    yield from _waiting(plan)
    yield from _leftovers(plan)


def _not_by_policies_in_force(plan: RolloutPlan) -> Iterator[str]:
    if plan.held_off:
        yield ""
        yield f"Policies in force deny {plan.held_off} of these edges by their texts, though they were seen to pass. If"
        yield "audit mode holds these policies off, take them away before it ends; the edges were judged without them."
    if plan.denied:
        yield ""
        told = counted(len(plan.denied), "needed edge passes", "needed edges pass")
        yield f"{told} neither by the policies in force nor by the report's alone, so no moment was judged for them:"
        yield ""
        yield from (f"- {code(key)}" for key in plan.denied)


def _waiting(plan: RolloutPlan) -> Iterator[str]:
    if not plan.waiting:
        return
    yield from ("", "## Not enforced yet", "")
    grouped: dict[tuple[str, str, str, int | None], list[str]] = {}
    for item in plan.waiting:
        one = item.candidate
        grouped.setdefault((item.environment.value, one.advice, one.reason, one.wait_days), []).append(one.item)
    for (environment, advice, reason, wait_days), items in grouped.items():
        days = f"; about {counted(wait_days, 'more day')} of flows" if wait_days else ""
        yield f"- {', '.join(map(code, items))} ({environment}): {advice}: {code(reason)}{days}"
    yield ""
    yield "Capture on, run `netpol-recommend` again, and make a new rollout of its report."


def _leftovers(plan: RolloutPlan) -> Iterator[str]:
    if not plan.leftovers:
        return
    yield from ("", "## Left over", "")
    yield "An earlier run wrote these and this one does not any more. They stay in force through all waves; what they"
    yield "allow stays open until somebody deletes them. Do that last, and apply the file of that name to go back."
    yield ""
    lines = []
    for item in plan.leftovers:
        kind, metadata = str(item.document["kind"]), item.document["metadata"]
        place = f" -n {command_name(metadata['namespace'], 'NAMESPACE')}" if metadata.get("namespace") else ""
        resource = f"{kind.lower()}.{str(item.document['apiVersion']).partition('/')[0]}"
        lines.append(f"kubectl delete{place} {resource} {command_name(metadata['name'])}   # {item.file}")
    yield from fenced("\n".join(lines), "sh")
