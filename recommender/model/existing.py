"""Policies that are in force already: what each says, who uses it, and what could go."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recommender.model.confidence import Band
    from recommender.model.gap import Severity
    from recommender.model.policy import Direction, Policy


class ExistingUse(StrEnum):
    """What is made of policies that exist already."""

    COMPLEMENT = "complement"
    """Only what they do not allow is written; judged by their texts in the inventory."""
    BY_NAME = "by-name"
    """As `complement`; also taken on the word of flows that name a policy whose text is not known."""
    IGNORE = "ignore"
    """Complete policies are written, as if none existed."""


class PolicyFate(StrEnum):
    """What a run makes of one existing policy."""

    JUDGED = "judged"
    """Its text was read and counts."""
    UNJUDGED = "unjudged"
    """Its text cannot be judged: it counts for nothing."""
    NOT_PODS = "not-pods"
    """It governs nodes, not pods."""
    NAMED = "named"
    """Flows name it; its text is not known."""
    REPLACED = "replaced"
    """An earlier run's output that this run writes anew."""
    LEFTOVER = "leftover"
    """An earlier run's output that this run does not write any more."""


class Opening(StrEnum):
    """How far a rule opens, widest first."""

    ANYWHERE = "anywhere"
    """Any address outside the cluster."""
    CLUSTER = "cluster"
    """Every pod of the cluster, or all nodes."""
    NAMESPACE = "namespace"
    """Every pod of a namespace."""
    CHOSEN = "chosen"
    """Peers chosen by label, prefix, name or entity."""

    @property
    def rank(self) -> int:
        """0 for the widest."""
        return tuple(Opening).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExistingPolicy:
    """One policy that is there, or that flows name."""

    name: str
    """`Kind/namespace/name`, without the namespace for cluster-wide kinds."""
    fate: PolicyFate
    reason: str = ""
    """Why it is not judged."""
    selects: int = 0
    """Known workloads that it governs; only for judged ones."""
    document: str = ""
    """Its text as canonical JSON, as the inventory had it; empty where only flows name it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExistingRule:
    """One allow rule of a judged policy, and its use within the window."""

    policy: str
    path: str
    """Where it stands, such as `spec.egress[2]`."""
    direction: Direction
    text: str
    """The rule as compact JSON, cut where it is long."""
    opening: Opening
    ports: int
    """Distinct ports that it opens, named ones counted as one; 0 for every port."""
    unresolved: bool
    """Whether only a running cluster knows its peers (services, nodes by label, address groups)."""
    subjects: tuple[str, ...]
    """Known workloads that it governs, sorted."""
    unobserved: tuple[str, ...]
    """Ends of it that the inventory knows but whose own traffic was not recorded (in full), sorted."""
    scheduled: tuple[str, ...]
    """CronJobs and Jobs among its ends, with their schedule, sorted."""
    known_peers: int
    """Known workloads that it names as a peer."""
    used_peers: int
    """Of these, the ones that used it."""
    used_outside: int
    """Ends other than workloads (entities, addresses, names) that used it."""
    used_ports: tuple[str, ...]
    """Such as `TCP/443`, sorted."""
    edges: tuple[str, ...]
    """Ids of the edges that it let through, quarantined ones left out, sorted."""
    suspicious: tuple[str, ...]
    """Ids of the quarantined edges that it let through, sorted."""
    connections: int
    """Of `edges`."""
    last_used: int
    """Of `edges`, nanoseconds since the epoch; 0 for never within the window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForbiddenEdge:
    """An edge that a deny rule of an existing policy matches, by the policy's text."""

    edge_id: str
    policies: tuple[str, ...]
    """With these rules, sorted."""
    whole: bool
    """Whether it holds for all label sets and addresses of the ends, or for some only."""


class AdviceKind(StrEnum):
    """What a person might do about an existing rule or policy."""

    RETIRE = "retire"
    """Nothing used it."""
    TIGHTEN = "tighten"
    """It allows much that was never seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Advice about one rule (or, without a path, a whole policy); nothing is ever removed by itself."""

    kind: AdviceKind
    policy: str
    path: str
    severity: Severity
    confidence: Band
    """How sure the advice is: of a retirement, that nothing needs it."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedReach:
    """What the pods of one group may reach by all policies of some set, ports judged."""

    group: str
    """`Group.display`."""
    isolated: bool
    """Whether every pod of it is denied by default in egress."""
    groups: frozenset[str]
    """Other groups that it may open a connection to on some port."""
    entities: int
    """Reserved entities that it may reach."""
    external_peers: int
    """Prefixes and DNS names that its egress rules name."""
    world: bool
    """Whether it may open connections to any address outside."""
    open_to_world: str
    """Ports on which any address outside may connect to it; empty if none."""
    workload_pairs: int | None = None
    """Pairs of one of its workloads and another, of any group, that are open so; None where not worked out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachChange:
    """A pair whose ports differ between an earlier run's policies in force and those written now."""

    source: str
    destination: str
    before: str
    """Ports, such as `TCP/443`; empty for none."""
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextChange:
    """A policy of this run that replaces one of an earlier run with another text."""

    policy: str
    """`Policy.name`."""
    against: str
    """Name of the object that it replaces."""
    lines: tuple[str, ...]
    """A unified difference of both without comments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExistingPolicies:
    """Everything a run has to say about policies that are there already."""

    use: ExistingUse = ExistingUse.COMPLEMENT
    note: str = ""
    """Why they do not count although they were given; empty if they do."""
    policies: tuple[ExistingPolicy, ...] = ()
    """Sorted by name."""
    rules: tuple[ExistingRule, ...] = ()
    """Sorted by policy, direction and path."""
    advice: tuple[Advice, ...] = ()
    """Most severe first."""
    forbidden: tuple[ForbiddenEdge, ...] = ()
    """In the order of `Edge.sort_key`."""
    covered: tuple[Policy, ...] = ()
    """Groups that need no policy of ours, with what covers them in `left_out`; sorted as policies are."""
    isolation: tuple[tuple[str, Direction, tuple[str, ...]], ...] = ()
    """(group, direction, policies): directions that only existing policies isolate; without these they are open."""
    lifted: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    """(group, rule in words, policies): rules written beside a layer-7 filter of these policies, which they lift."""
    reach_before: tuple[JudgedReach, ...] = ()
    """By the policies in force; empty where it was not worked out."""
    reach_after: tuple[JudgedReach, ...] = ()
    """By these and the manifests as written."""
    changes: tuple[ReachChange, ...] = ()
    """Against the output of an earlier run; sorted."""
    changes_known: bool = False
    """Whether there is an earlier output that was compared."""
    text_changes: tuple[TextChange, ...] = ()
    """Against the output of an earlier run, sorted by policy and object; those alone that differ."""

    def of_fate(self, *fates: PolicyFate) -> tuple[ExistingPolicy, ...]:
        """The policies with one of these fates, in order."""
        return tuple(policy for policy in self.policies if policy.fate in fates)

    @property
    def count(self) -> int:
        """Policies that take effect and count."""
        return len(self.of_fate(PolicyFate.JUDGED))
