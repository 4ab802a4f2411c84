"""What a person does in a wave: exact commands, what to watch, when to stop, the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.gaps.report import command_name
from recommender.report.markdown_text import code, fenced
from recommender.report.wording import counted
from recommender.rollout.waves.plan import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.rollout.waves.plan import RolloutPlan, Wave

_KINDS: Final = {
    "cilium": "netpol,cnp,ccnp",
    "kubernetes": "netpol",
    "calico": "networkpolicies.projectcalico.org,globalnetworkpolicies.projectcalico.org",
    "cluster-network-policy": "netpol,clusternetworkpolicies.policy.networking.k8s.io",
}


def overview(plan: RolloutPlan) -> str:
    """The folder's README: all waves in order, and what waits."""
    return "\n".join(_overview(plan)) + "\n"


def _overview(plan: RolloutPlan) -> Iterator[str]:
    yield "# Rollout"
    yield ""
    yield f"Dialect {code(plan.dialect)}, report {code(plan.report_digest)}. Nothing here was applied; every step is a"
    yield "`kubectl` command that a person runs, from inside the wave's folder. Go through the waves in order, and back"
    yield "in the opposite order."
    yield ""
    yield f"Proved: at each of {plan.judged_text} between two objects, all of {plan.edges} needed edges"
    yield "that passed before still pass; no default deny stands before its allows."
    yield ""
    yield "| Wave | Environment | Does | Objects | Wait | Stop above |"
    yield "|---|---|---|---|---|---|"
    for wave in plan.waves:
        yield (
            f"| [{wave.name}]({wave.name}/README.md) | {wave.environment} | {wave.stage} | {len(wave.objects)} "
            f"| {counted(wave.wait_days, 'day')} | {wave.stop_above} |"
        )
    if plan.waiting:
        yield ""
        yield "## Not enforced yet"
        yield ""
        for item in plan.waiting:
            one = item.candidate
            days = f"; about {counted(one.wait_days, 'more day')} of flows" if one.wait_days else ""
            yield f"- {code(one.item)} ({item.environment}): {one.advice}: {code(one.reason)}{days}"
        yield ""
        yield "Capture on, run `netpol-recommend` again, and make a new rollout of its report."


def wave_readme(wave: Wave, dialect: str) -> str:
    """One wave's README."""
    return "\n".join(_wave(wave, dialect)) + "\n"


def _wave(wave: Wave, dialect: str) -> Iterator[str]:
    yield f"# {wave.name}"
    yield ""
    yield f"{wave.environment}, {wave.stage}: {counted(len(wave.objects), 'object')}."
    if wave.candidates:
        yield ""
        yield "| Policy | Governs | Chance of a break in a week | Neighbours | Risk |"
        yield "|---|---|---|---|---|"
        for one in wave.candidates:
            chance = f"{one.breakage:.0%}"
            yield f"| {code(one.item)} | {code(one.group)} | {chance} | {one.neighbours} | {one.risk:.2f} |"
    yield ""
    yield "## Before"
    yield ""
    yield from fenced(
        f"kubectl get {_KINDS.get(dialect, 'netpol')} -A -o yaml > before.yaml\nkubectl apply -k . --dry-run=server",
        "sh",
    )
    if wave.stage is Stage.AUDIT:
        yield ""
        yield from _audit_mode(wave, dialect)
    yield ""
    yield "## Apply"
    yield ""
    yield from fenced("\n".join(_apply(wave)), "sh")
    if wave.stage is not Stage.SHARED:
        yield from _watching(wave, dialect)
    yield ""
    yield "## Back"
    yield ""
    yield from fenced("\n".join(_back(wave)), "sh")
    yield ""
    yield from _after(wave)


def _watching(wave: Wave, dialect: str) -> Iterator[str]:
    yield ""
    yield "## Watch"
    yield ""
    yield from fenced("\n".join(_watch(wave, dialect)), "sh")
    yield ""
    yield from fenced("\n".join(_queries(wave, dialect)), "promql")
    yield ""
    yield "## Stop rule"
    yield ""
    yield (
        f"Wait **{counted(wave.wait_days, 'day')}**. By the completeness estimate {wave.expected_new} needs are "
        "expected to show in that time that no rule allows."
    )
    what = "would be denied" if wave.stage is Stage.AUDIT else "are denied"
    yield (
        f"Stop if **more than {wave.stop_above}** different needed connections (client, server, port) {what}: "
        "that is beyond the 95 % quantile of the estimate, so the estimate is wrong. One that hurts is enough, too."
    )
    yield "Denied contacts that the report holds in quarantine are denied on purpose and do not count."


def _namespaces(wave: Wave) -> list[str]:
    """Of its policies; a name that is none of Kubernetes' stays out of commands."""
    return sorted({command_name(one.namespace, "NAMESPACE") for one in wave.candidates})


def _audit_mode(wave: Wave, dialect: str) -> Iterator[str]:
    yield "## Audit mode"
    yield ""
    if dialect == "calico":
        yield "These are staged policies (`StagedNetworkPolicy`): Calico logs what they would deny, and denies nothing."
        return
    yield "With audit mode Cilium logs what policies would deny and forwards it. For the whole cluster, as during the"
    yield "capture:"
    yield ""
    yield from fenced(
        "cilium config set policy-audit-mode true\ncilium config view | grep policy-audit-mode   # must say true", "sh"
    )
    yield ""
    yield "It also suspends what is enforced already. To leave that in force, set the wave's endpoints alone, on each"
    yield "node; a pod that starts later is **not** in audit mode, so keep rollouts of these workloads still meanwhile:"
    yield ""
    names = " ".join(_namespaces(wave))
    yield from fenced(
        f"for ns in {names}; do\n"
        "  kubectl get ciliumendpoints -n $ns -o custom-columns=ID:.status.id,NODE:.status.networking.node\n"
        "done\n"
        "kubectl -n kube-system exec CILIUM_POD_OF_THE_NODE -- cilium-dbg endpoint config ID PolicyAuditMode=Enabled",
        "sh",
    )
    if dialect == "kubernetes":
        yield ""
        yield "Under Calico set `kind: StagedKubernetesNetworkPolicy` with `apiVersion: projectcalico.org/v3` instead."
        yield "Other network plugins have no audit: skip this wave, and watch the next one the closer."


def _apply(wave: Wave) -> Iterator[str]:
    if wave.guards:
        yield "kubectl apply -f guard/      # keeps the namespaces open meanwhile"
    yield "kubectl apply -k ."
    if wave.guards:
        yield "kubectl get -k .             # all of them are there?"
        yield "kubectl delete -f guard/"


def _watch(wave: Wave, dialect: str) -> Iterator[str]:
    if dialect == "calico":
        yield "kubectl -n calico-system logs ds/calico-node -c calico-node --since 1h | grep -i denied"
        return
    verdict = "AUDIT" if wave.stage is Stage.AUDIT else "DROPPED"
    for namespace in _namespaces(wave):
        yield f"hubble observe --verdict {verdict} --type policy-verdict --namespace {namespace} --since 1h"


def _queries(wave: Wave, dialect: str) -> Iterator[str]:
    if dialect == "calico":
        yield "# denied packets by policy (Felix)"
        yield "sum by (policy) (increase(calico_denied_packets[15m]))"
        return
    if wave.stage is Stage.AUDIT:
        yield "# what would be denied"
        yield 'sum by (direction) (increase(hubble_policy_verdicts_total{action="audit"}[15m]))'
        return
    yield "# denied by policy, as Hubble counts it, and as the agents do"
    yield 'sum by (source, destination) (increase(hubble_drop_total{reason="POLICY_DENIED"}[15m]))'
    yield 'sum by (direction) (increase(cilium_drop_count_total{reason="Policy denied"}[15m]))'


def _back(wave: Wave) -> Iterator[str]:
    if any(item.before for item in wave.objects):
        yield "kubectl apply -k rollback/"
    if any(not item.before for item in wave.objects):
        yield "kubectl delete --ignore-not-found -f rollback/delete.yaml"
    if wave.guards:
        yield "kubectl delete --ignore-not-found -f guard/"


def _after(wave: Wave) -> Iterator[str]:
    yield "## After"
    yield ""
    if wave.stage is Stage.SHARED:
        yield "Go on at once: shared rules allow and isolate nobody."
        return
    if wave.stage is Stage.AUDIT:
        yield "Capture the flows of the audit, replay them, and take the wave back (above) **before** audit mode ends,"
        yield "or everything in it is enforced at once:"
        yield ""
        yield from fenced("netpol-recommend verify manifests/ FLOWS --inventory inventory.json", "sh")
        return
    yield "Connections that are open now keep going where the plugin tracks them: restart a client of each policy, and"
    yield "look that it connects. Then go on with the next wave."
