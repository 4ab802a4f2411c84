"""What a person does in a wave: exact commands, what to watch, when to stop, the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from recommender.assess.gaps.report import command_name
from recommender.model.manifest import Dialect
from recommender.report.markdown_text import code, fenced
from recommender.report.wording import counted
from recommender.rollout.waves.audit_mode import SCRIPT, auditing
from recommender.rollout.waves.observation import kubectl, watching
from recommender.rollout.waves.plan import Audit, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from recommender.rollout.waves.plan import Wave

_CALICO: Final = (
    "networkpolicies.projectcalico.org,globalnetworkpolicies.projectcalico.org,"
    "stagednetworkpolicies.projectcalico.org,stagedglobalnetworkpolicies.projectcalico.org"
)
_KINDS: Final = {
    Dialect.CILIUM: "netpol,cnp,ccnp",
    Dialect.KUBERNETES: "netpol",
    Dialect.CALICO: _CALICO,
    Dialect.CLUSTER_NETWORK_POLICY: "netpol,clusternetworkpolicies.policy.networking.k8s.io",
}
_DOES: Final = {
    Stage.SHARED: "applies allow rules that many groups share; they isolate nobody",
    Stage.AUDIT: "tells what the policies would deny, and denies nothing",
    Stage.INGRESS: "denies what comes in and no rule allows; what goes out stays open",
    Stage.FULL: "denies, in both directions, what no rule allows",
}


def wave_readme(wave: Wave, dialect: str) -> str:
    """One wave's README."""
    return "\n".join(_wave(wave, dialect)) + "\n"


def _wave(wave: Wave, dialect: str) -> Iterator[str]:
    yield f"# {wave.name}"
    yield ""
    where = "all environments" if wave.environment is None else wave.environment.value
    cluster = f", cluster {code(wave.cluster)}" if wave.cluster else ""
    yield f"{where.capitalize()}{cluster}: {counted(len(wave.objects), 'object')}. This wave {_DOES[wave.stage]}."
    yield "Run the commands in this folder, from top to bottom. To stop at any point, go to [Back](#back)."
    if wave.candidates:
        yield ""
        yield "| Policy | Governs | Chance of a break in a week | Neighbours | Risk |"
        yield "|---|---|---|---|---|"
        for one in wave.candidates:
            chance = f"{one.breakage:.0%}"
            yield f"| {code(one.item)} | {code(one.group)} | {chance} | {one.neighbours} | {one.risk:.2f} |"
    yield from _section("Before", _before(wave, dialect))
    if wave.stage is Stage.AUDIT:
        yield from _section("Audit", auditing(wave))
    yield from _section("Apply", fenced("\n".join(_apply(wave)), "sh"))
    yield from _proxied(wave)
    if wave.stage is not Stage.SHARED:
        yield from _section("Watch", watching(wave, dialect))
        yield from _section("Stop rule", _stop_rule(wave, dialect))
    yield from _section("Back", _back(wave))
    yield from _section("After", _after(wave))


def _section(title: str, lines: Iterator[str]) -> Iterator[str]:
    yield from ("", f"## {title}", "")
    yield from lines


def _before(wave: Wave, dialect: str) -> Iterator[str]:
    lines = [
        f"{kubectl(wave)} get {_KINDS[Dialect(dialect)]} -A -o yaml > before.yaml   # what is there; keep it",
        f"{kubectl(wave)} apply -k . --dry-run=server",
        f"{kubectl(wave)} diff -k .   # what would change",
    ]
    if wave.cluster:
        name = command_name(wave.cluster, "CLUSTER")
        lines.insert(0, f"export CONTEXT={name}   # as your kubeconfig calls cluster {name}")
    yield from fenced("\n".join(lines), "sh")


def _apply(wave: Wave) -> Iterator[str]:
    if wave.guards:
        yield f"{kubectl(wave)} apply -f guard/      # keeps the namespaces open meanwhile"
    yield f"{kubectl(wave)} apply -k ."
    if wave.guards:
        yield f"{kubectl(wave)} get -k .             # all of them are there?"
        yield f"{kubectl(wave)} delete -f guard/"


def _proxied(wave: Wave) -> Iterator[str]:
    """`rules.dns` changes the way of every DNS query of the pods that it is about."""
    selected = [item for item in wave.objects if _has_dns_rules(item.document)]
    if not selected:
        return
    first = "From now on the DNS of the pods that these select goes through Cilium's DNS proxy, audit or not: "
    yield ""
    yield first + ", ".join(code(str(item.document["metadata"]["name"])) for item in selected) + "."
    yield "Look that names resolve before you go on:"
    yield ""
    context = ' -P --kube-context "${CONTEXT:?}"' if wave.cluster else ""
    yield from fenced(f"hubble observe --protocol dns --verdict DROPPED --since 10m{context}   # must be empty", "sh")


def _has_dns_rules(document: Mapping[str, Any]) -> bool:
    specs = (document.get("spec"), *(document.get("specs") or ()))
    rules = (rule for spec in specs if spec for rule in spec.get("egress") or ())
    return any("dns" in (item.get("rules") or {}) for rule in rules for item in (rule or {}).get("toPorts") or ())


def _stop_rule(wave: Wave, dialect: str) -> Iterator[str]:
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
    if wave.stage is not Stage.AUDIT and dialect != Dialect.CALICO:
        yield "`netpol-recommend verify REPORT_DIR FLOWS` tells each denied connection once (NPR957)."


def _back(wave: Wave) -> Iterator[str]:
    lines = []
    if wave.guards:
        lines.append(f"{kubectl(wave)} apply -f guard/")
    if wave.restored:
        lines.append(f"{kubectl(wave)} apply -k rollback/   # what was there before this wave")
    if wave.removed:
        lines.append(f"{kubectl(wave)} delete --ignore-not-found -f rollback/delete.yaml")
    if wave.guards:
        lines.append(f"{kubectl(wave)} delete --ignore-not-found -f guard/")
    if wave.audit is Audit.MODE:
        lines.append(f"sh {SCRIPT} Disabled   # or policy-audit-mode false, as it was set")
    yield from fenced("\n".join(lines), "sh")
    yield ""
    if wave.restored:
        yield "`rollback/` has the objects as the waves before left them, or as the report's inventory had them. What"
        yield "somebody changed since is in `before.yaml`."
    yield "This goes from the last object to the first, so every moment of it was judged on the way there: it is safe"
    yield "from wherever you stopped."


def _after(wave: Wave) -> Iterator[str]:
    if wave.stage is Stage.SHARED:
        yield "Go on with the next wave: shared rules allow and isolate nobody."
        return
    if wave.audit is Audit.STAGED:
        yield "Count the different connections that pending policies would deny: their number is what the stop rule is"
        yield "about. This tool reads Hubble's flows, not Calico's. Then take the wave back (above): the next waves"
        yield "bring the policies themselves."
        return
    if wave.stage is Stage.AUDIT:
        yield "Replay the flows of these days against the report: each NPR951 is a needed connection that would be"
        yield "denied, told once, and their number is what the stop rule is about."
        yield ""
        yield from fenced("netpol-recommend verify REPORT_DIR FLOWS --inventory inventory.json", "sh")
        yield ""
        if wave.audit is Audit.MODE:
            yield "Then take the wave back (above) **before** audit mode ends, or everything in it is enforced at once."
        else:
            yield "Then take the wave back (above): the next waves bring the policies themselves."
        return
    yield "Connections that are open now may keep going where the plugin tracks them: restart a client of each policy,"
    yield "and look that it connects. Then go on with the next wave."
