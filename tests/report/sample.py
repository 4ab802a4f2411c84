"""A realistic recommendation, written by hand: a shop, its data, its monitoring and what happened around them."""

from __future__ import annotations

from dataclasses import replace

from recommender.model.capture import Capture, ClassCount, FlowClass, NodeCoverage, RejectCount
from recommender.model.confidence import Confidence, ConfidencePart
from recommender.model.disposition import Decided, Disposition
from recommender.model.edge import (
    AddressEnd,
    Edge,
    End,
    EntityEnd,
    Evidence,
    FqdnEnd,
    OrientationReason,
    Protocol,
    VerdictMix,
    Workload,
    WorkloadEnd,
)
from recommender.model.entity import Entity
from recommender.model.gap import Gap, Severity
from recommender.model.group import Group, GroupOrigin, Requirement, Selector, SelectorProof
from recommender.model.labels import LabelSet
from recommender.model.manifest import Dialect, DialectLoss, Manifest
from recommender.model.policy import (
    Baseline,
    CidrPeer,
    Direction,
    EntityPeer,
    FqdnPeer,
    GroupPeer,
    Peer,
    Policy,
    PortRule,
    Rule,
)
from recommender.model.recommendation import AssessedEdge, AssessedPolicy, Recommendation, SettingValue
from recommender.model.release import HeldEdge, Quarantine
from recommender.model.replay import Denial, ReplayProof
from tests.report.sample_scores import sample_backtest, sample_completeness, sample_verdict

HOUR = 3_600_000_000_000
START = 1_794_787_200_000_000_000  # 2026-11-16T00:00:00Z
END = START + 7 * 24 * HOUR + 123_000_000

HIGH = Confidence(
    value=0.97,
    parts=(
        ConfidencePart(name="repetition", sentence="seen on 7 of 7 days", value=0.99),
        ConfidencePart(name="corroboration", sentence="recorded at both ends", value=0.98),
    ),
)
MEDIUM = Confidence(
    value=0.74,
    parts=(
        ConfidencePart(name="repetition", sentence="seen on 2 of 7 days", value=0.81),
        ConfidencePart(name="corroboration", sentence="recorded at one end only", value=0.74),
    ),
)
LOW = Confidence(
    value=0.35,
    parts=(ConfidencePart(name="repetition", sentence="seen once, from one pod", value=0.52),),
    cap="a single sighting",
)

GROUP_NAMES = (
    ("shop", "web", "Deployment"),
    ("shop", "cart", "Deployment"),
    ("shop", "checkout", "Deployment"),
    ("shop", "search", "Deployment"),
    ("shop", "nightly-report", "CronJob"),
    ("payments", "api", "Deployment"),
    ("payments", "ledger", "StatefulSet"),
    ("data", "postgres", "StatefulSet"),
    ("data", "redis", "StatefulSet"),
    ("kube-system", "coredns", "Deployment"),
    ("monitoring", "prometheus", "StatefulSet"),
    ("monitoring", "agents", "DaemonSet"),
)


def workload_end(namespace: str, name: str, kind: str = "Deployment") -> WorkloadEnd:
    return WorkloadEnd(namespace=namespace, kind=kind, name=name)


def group(namespace: str, name: str, kind: str = "Deployment", *, members: tuple[WorkloadEnd, ...] = ()) -> Group:
    return Group(
        name=name,
        namespace=namespace,
        members=members or (workload_end(namespace, name, kind),),
        origin=GroupOrigin.SHARED_LABELS if len(members) > 1 else GroupOrigin.WORKLOAD,
        selector=Selector(requirements=(Requirement(key="app.kubernetes.io/name", values=(name,)),)),
        proof=SelectorProof(
            members_matched=max(len(members), 1),
            others_checked=4,
            near_misses=(f"{namespace}/Deployment/{name}-canary",) if name == "web" else (),
            dropped_keys=(("pod-template-hash", "changes with every rollout"),),
        ),
        cohesion=0.86 if len(members) > 1 else None,
    )


def evidence(connections: int = 1204, *, days: int = 7, **changes: object) -> Evidence:
    base = Evidence(
        connections=connections,
        flows=connections * 6,
        answered=max(connections - connections // 80, 1),
        refused=connections // 400,
        client_pods=3,
        server_pods=2,
        client_nodes=3,
        server_nodes=2,
        both_sides=connections // 2,
        first_seen=START + HOUR,
        last_seen=END - HOUR,
        active_hours=days * 20,
        active_six_hours=days * 4,
        active_days=days,
        verdicts=VerdictMix(no_verdict=connections),
        reasons=((OrientationReason.TCP_FLAGS, connections - connections // 10), (OrientationReason.IS_REPLY, 3)),
        sample_uuids=("0b6f2f3c-0000-4000-8000-000000000001",),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def assessed(
    client: End,
    server: End,
    port: int,
    *,
    protocol: Protocol = Protocol.TCP,
    disposition: Disposition = Disposition.NEEDED,
    reason: str = "",
    confidence: Confidence = HIGH,
    seen: Evidence | None = None,
) -> AssessedEdge:
    return AssessedEdge(
        edge=Edge(client=client, server=server, protocol=protocol, port=port, evidence=seen or evidence()),
        decided=Decided(disposition=disposition, reason=reason),
        confidence=confidence,
        recurrence=0.9,
        client_group=_group_of(client),
        server_group=_group_of(server),
    )


def _group_of(end: End) -> str:
    if not isinstance(end, WorkloadEnd) or (end.namespace, end.name, end.kind) not in GROUP_NAMES:
        return ""
    return f"{end.namespace}/{end.name}"


def sample_groups() -> dict[str, Group]:
    found = {f"{namespace}/{name}": group(namespace, name, kind) for namespace, name, kind in GROUP_NAMES}
    agents = tuple(workload_end("monitoring", name, "DaemonSet") for name in ("log-agent", "node-exporter"))
    return found | {"monitoring/agents": group("monitoring", "agents", members=agents)}


def _allowed_edges() -> tuple[AssessedEdge, ...]:
    end = {f"{namespace}/{name}": workload_end(namespace, name, kind) for namespace, name, kind in GROUP_NAMES}
    review = Disposition.REVIEW
    return (
        assessed(EntityEnd(entity=Entity.WORLD), end["shop/web"], 8443, seen=evidence(88_211)),
        assessed(end["shop/web"], end["shop/cart"], 8080),
        assessed(end["shop/web"], end["shop/search"], 9200, seen=evidence(412)),
        assessed(end["shop/web"], end["shop/checkout"], 8080),
        assessed(end["shop/cart"], end["data/redis"], 6379, seen=evidence(51_002)),
        assessed(end["shop/checkout"], end["payments/api"], 8443, confidence=MEDIUM, seen=evidence(63, days=2)),
        assessed(end["shop/checkout"], end["data/postgres"], 5432),
        assessed(end["payments/api"], end["payments/ledger"], 9000),
        assessed(end["payments/ledger"], end["data/postgres"], 5432),
        assessed(
            end["payments/api"],
            FqdnEnd(name="api.bank.example"),
            443,
            confidence=MEDIUM,
            seen=evidence(31, days=3, names=("api.bank.example",), server_addresses=("198.51.100.7", "198.51.100.8")),
        ),
        assessed(
            end["shop/nightly-report"],
            end["data/postgres"],
            5432,
            disposition=review,
            reason="seen on one day only, from a CronJob: a weekly job is allowed and marked",
            confidence=LOW,
            seen=evidence(1, days=1, active_hours=1),
        ),
        assessed(end["shop/web"], end["kube-system/coredns"], 53, protocol=Protocol.UDP, seen=evidence(204_318)),
        assessed(end["monitoring/prometheus"], end["shop/web"], 9102, seen=evidence(10_080)),
        assessed(end["monitoring/prometheus"], end["payments/api"], 9102, seen=evidence(10_080)),
        assessed(end["monitoring/prometheus"], EntityEnd(entity=Entity.KUBE_APISERVER), 6443),
        assessed(end["kube-system/coredns"], AddressEnd(address="192.0.2.53"), 53, protocol=Protocol.UDP),
    )


def _other_edges() -> tuple[AssessedEdge, ...]:
    quarantined = Disposition.QUARANTINED
    debug = workload_end("shop", "debug-7f9c", "Pod")
    return (
        assessed(
            debug,
            workload_end("data", "postgres", "StatefulSet"),
            5432,
            disposition=quarantined,
            reason="a bare pod that no controller owns, seen for 12 minutes",
            confidence=LOW,
            seen=evidence(4, days=1, active_hours=1, client_pods=1),
        ),
        assessed(
            workload_end("shop", "search"),
            workload_end("payments", "ledger", "StatefulSet"),
            22,
            disposition=quarantined,
            reason="part of a scan: 214 ports in 3 minutes, 0 answered",
            confidence=LOW,
            seen=evidence(1, days=1, answered=0, verdicts=VerdictMix(denied=1)),
        ),
        assessed(
            EntityEnd(entity=Entity.HOST),
            workload_end("shop", "web"),
            8086,
            disposition=Disposition.IMPLICIT,
            reason="a probe from the pod's own node",
        ),
        assessed(
            workload_end("monitoring", "prometheus", "StatefulSet"),
            workload_end("shop", "web"),
            8,
            protocol=Protocol.ICMP,
            disposition=Disposition.EXCLUDED,
            reason="the Kubernetes API cannot say ICMP",
            confidence=MEDIUM,
        ),
    )


def sample_edges() -> tuple[AssessedEdge, ...]:
    return _allowed_edges() + _other_edges()


def _peer(end: End, groups: dict[str, Group]) -> Peer:
    match end:
        case WorkloadEnd():
            return GroupPeer(group=groups[f"{end.namespace}/{end.name}"])
        case EntityEnd(entity=entity):
            return EntityPeer(entity=entity)
        case FqdnEnd(name=name):
            return FqdnPeer(name=name, addresses=("198.51.100.7", "198.51.100.8"))
        case AddressEnd(address=address):
            return CidrPeer(cidrs=(f"{address}/32",))


def _rules(display: str, edges: tuple[AssessedEdge, ...], groups: dict[str, Group]) -> tuple[Rule, ...]:
    rules = []
    for item in edges:
        edge = item.edge
        ports = (PortRule(protocol=edge.protocol, port=edge.port),)
        if item.client_group == display:
            peer = _peer(edge.server, groups)
            rules.append(Rule(direction=Direction.EGRESS, peer=peer, ports=ports, edges=(edge.edge_id,)))
        if item.server_group == display:
            peer = _peer(edge.client, groups)
            rules.append(Rule(direction=Direction.INGRESS, peer=peer, ports=ports, edges=(edge.edge_id,)))
    if display != "kube-system/coredns":
        dns = tuple(PortRule(protocol=protocol, port=53) for protocol in (Protocol.TCP, Protocol.UDP))
        peer = GroupPeer(group=groups["kube-system/coredns"])
        rules.append(Rule(direction=Direction.EGRESS, peer=peer, ports=dns, edges=(), baseline=Baseline.DNS))
    return tuple(sorted(rules, key=lambda rule: rule.sort_key))


def manifest_text(name: str, namespace: str, label: str) -> str:
    return f"""# Made by netpol-recommend; review before use.
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata:
  name: {name}
  namespace: {namespace}
spec:
  endpointSelector:
    matchLabels:
      app.kubernetes.io/name: {label}
  ingress: []
"""


def sample_policies(edges: tuple[AssessedEdge, ...], groups: dict[str, Group]) -> tuple[AssessedPolicy, ...]:
    allowed = tuple(item for item in edges if item.decided.disposition.allowed)
    found = []
    for display, owner in groups.items():
        if display == "monitoring/agents":
            continue
        name = f"{owner.name}-{owner.group_id}"
        path = f"policies/{owner.namespace}/{name}.yaml"
        text = manifest_text(name, owner.namespace, owner.name)
        found.append(
            AssessedPolicy(
                policy=Policy(name=name, group=owner, rules=_rules(display, allowed, groups)),
                confidence={"shop/nightly-report": LOW, "payments/api": MEDIUM}.get(display, HIGH),
                verdict=sample_verdict(),
                manifests=(Manifest(path=path, policy=name, text=text),),
            )
        )
    return tuple(found)


def sample_gaps() -> tuple[Gap, ...]:
    return (
        Gap(
            code="NPR103",
            title="Events were lost",
            severity=Severity.MEDIUM,
            subject="node-b",
            reason="412 events were lost in the perf ring buffer during 3 hours.",
            impact="Rare connections of pods on this node may be missing and would be denied.",
            action="Raise the buffer: `cilium config set bpf-events-default-rate-limit 0`, then record one more day.",
            count=412,
            examples=("2026-11-18T02:14:00Z node-b PERF_EVENT_RING_BUFFER 200",),
        ),
        Gap(
            code="NPR104",
            title="A node sent nothing",
            severity=Severity.HIGH,
            subject="node-d",
            reason="The relay named it unavailable for the whole window.",
            impact="Nothing that runs only there was learned; enforcing would cut it off.",
            action="`kubectl -n kube-system get pods -l k8s-app=cilium -o wide` and record again.",
        ),
        Gap(
            code="NPR401",
            title="Looks like a scan",
            severity=Severity.HIGH,
            subject="shop/Deployment/search",
            reason="214 ports of payments/ledger in 3 minutes, none answered.",
            impact="It may be an intruder; the connections were left out.",
            action="`hubble observe --from-pod shop/search --to-pod payments/ledger --since 24h`",
            count=214,
            examples=("10.244.1.7:51022 -> 10.244.3.9:22 TCP",),
        ),
        Gap(
            code="NPR201",
            title="No selector can name it",
            severity=Severity.MEDIUM,
            subject="monitoring/agents",
            reason="Its pods carry labels that other pods carry, too.",
            impact="It gets no policy and stays open.",
            action="Give its pods a label of their own, such as `app.kubernetes.io/name`.",
        ),
        Gap(
            code="NPR501",
            title="The window holds no month end",
            severity=Severity.LOW,
            subject="the capture",
            reason="It covers 7.0 days, 16 to 23 November.",
            impact="Monthly jobs were not seen.",
            action="Record over a month end, or add the edges by decision.",
        ),
        Gap(
            code="NPR001",
            title="Statement",
            severity=Severity.INFO,
            subject="the run",
            reason="No inventory was given.",
            impact="Workloads that sent nothing are unknown.",
            action="`kubectl get ns,pods,svc -A -o json > inventory.json`, then give it with `--inventory`.",
        ),
    )


def sample_capture() -> Capture:
    nodes = tuple(
        NodeCoverage(
            node=f"node-{letter}", flows=flows, first_seen=START, last_seen=END, active_hours=168, lost_events=lost
        )
        for letter, flows, lost in (("a", 812_345, 0), ("b", 700_001, 412), ("c", 690_220, 0))
    )
    classes = (
        ClassCount(flow_class=FlowClass.WORKLOAD, flows=2_090_117),
        ClassCount(
            flow_class=FlowClass.HOST, flows=100_000, examples=("10.0.0.1:50112 -> 10.0.0.2:10250 TCP on node-a",)
        ),
        ClassCount(
            flow_class=FlowClass.UNDERLAY, flows=12_449, examples=("10.0.0.1:8472 -> 10.0.0.2:8472 UDP on node-a",)
        ),
    )
    return Capture(
        first_seen=START,
        last_seen=END,
        flows=2_202_566,
        repeats=1_204,
        clusters=("prod-eu",),
        nodes=nodes,
        unavailable_nodes=("node-d",),
        lost_events=412,
        lost_by_source=(("PERF_EVENT_RING_BUFFER", 412),),
        classes=classes,
        rejects=(RejectCount(reason="not JSON", lines=3, examples=("events.log:88", "events.log:89")),),
        other_records=(("agent_event", 22),),
        emitters=(("Hubble 1.18.2", 2_202_566),),
        verdict_flows=120_331,
        reply_flows=801_220,
        dns_answers=4_211,
    )


def sample_quarantine(edges: tuple[AssessedEdge, ...]) -> Quarantine:
    """One edge with a way out that opens another, one without."""
    debug, scan = (item for item in edges if item.decided.disposition is Disposition.QUARANTINED)
    file = "quarantine/shop/pod-debug-7f9c.yaml.held"
    names = [f"release-{debug.edge.edge_id}-{side}" for side in ("egress", "ingress")]
    manifests = tuple(
        Manifest(path=file, policy=name, text=manifest_text(name, "shop", "debug-7f9c")) for name in names
    )
    return Quarantine(
        edges=(
            _held(debug, file=file, manifests=manifests, allows=True, opens=(scan.edge.key,)),
            _held(
                scan,
                file="quarantine/shop/deployment-search.yaml.held",
                manifests=(),
                obstacle="no selector names shop/Deployment/search",
            ),
        ),
        files=(Manifest(path=file, policy="", text="---\n".join(manifest.text for manifest in manifests)),),
    )


def _held(item: AssessedEdge, **changes: object) -> HeldEdge:
    given = {
        "edge_id": item.edge.edge_id,
        "edge": item.edge.key,
        "reason": item.decided.reason,
        "obstacle": "",
        "allows": False,
        "opens": (),
    }
    return HeldEdge(**(given | changes))


def sample_proof(edges: tuple[AssessedEdge, ...], *, manifests: int) -> ReplayProof:
    held = {Disposition.QUARANTINED, Disposition.EXCLUDED}
    excluded = tuple(
        Denial(
            edge_id=item.edge.edge_id,
            edge=item.edge.key,
            direction="egress and ingress",
            reason=item.decided.reason,
        )
        for item in edges
        if item.decided.disposition in held
    )
    return ReplayProof(edges=len(edges), allowed=len(edges) - len(excluded), excluded=excluded, manifests=manifests)


def sample_recommendation() -> Recommendation:
    """Twelve groups, eleven policies, twenty edges, six gaps."""
    groups, edges = sample_groups(), sample_edges()
    policies = sample_policies(edges, groups)
    ends = {end for item in edges for end in (item.edge.client, item.edge.server) if isinstance(end, WorkloadEnd)}
    members = {member for owner in groups.values() for member in owner.members}
    workloads = tuple(
        Workload(
            end=end,
            label_sets=(LabelSet.parse([f"k8s:app.kubernetes.io/name={end.name}", "k8s:tier=back"]),),
            pods=(f"{end.name}-0", f"{end.name}-1"),
            nodes=("node-a",),
        )
        for end in sorted(ends | members)
    )
    return Recommendation(
        tool_version="0.1.0",
        dialect=Dialect.CILIUM,
        input_digest="9f2c77e0a1b34c5d6e7f8091a2b3c4d5",
        settings=(
            SettingValue(name="dialect", value="cilium", origin="default"),
            SettingValue(name="output", value="reports/week-46", origin="--output"),
        ),
        capture=sample_capture(),
        workloads=workloads,
        groups=tuple(groups.values()),
        edges=edges,
        policies=policies,
        quarantine=sample_quarantine(edges),
        kustomization=Manifest(path="policies/kustomization.yaml", policy="", text="resources:\n  - shop/web.yaml\n"),
        losses=(
            DialectLoss(
                policy="payments-api",
                subject="egress to api.bank.example on TCP 443",
                wanted="the DNS name",
                written="198.51.100.7/32, 198.51.100.8/32",
                wider=False,
            ),
        ),
        gaps=sample_gaps(),
        proof=sample_proof(edges, manifests=len(policies)),
        completeness=sample_completeness(),
        backtest=sample_backtest(START + 4 * 24 * HOUR),
    )
