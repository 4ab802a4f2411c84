"""The registry of findings: every gap code of this room, what it means and what to do; `docs/findings/` shows it."""

from __future__ import annotations

from typing import Final

from recommender.assess.calendar_codes import CALENDAR
from recommender.assess.capture_codes import CAPTURE
from recommender.assess.existing_codes import (
    ENTANGLED,
    RETIRED_POLICY,
    UNJUDGED_POLICY,
    UNUSED_RULE,
    WIDE_RULE,
)
from recommender.assess.exposure_codes import EXPOSURE
from recommender.assess.finding import Finding
from recommender.assess.finding import finding as _finding
from recommender.assess.inventory_codes import INVENTORY
from recommender.assess.rollout_codes import ROLLOUT
from recommender.model.gap import Severity

_HIGH, _MEDIUM, _LOW, _INFO = Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.INFO

LOST_EVENTS: Final = _finding(
    "NPR101",
    "Events were lost",
    (_HIGH, _MEDIUM, _LOW),
    "Connections among the lost events are not allowed by the policies.",
    "Raise hubble-event-buffer-capacity and hubble-event-queue-size, or export fewer event types, and capture again.",
)
SILENT_HOURS: Final = _finding(
    "NPR102",
    "Hours without any record",
    (_MEDIUM, _LOW),
    "Traffic of these hours was not recorded, without a loss counter saying so.",
    "Check the exporter and its file rotation on the node, and capture again: kubectl -n kube-system logs ds/cilium",
)
UNOBSERVED_NODES: Final = _finding(
    "NPR103",
    "Nodes that were not observed",
    (_HIGH, _LOW),
    "Pods on these nodes were seen from afar at best; their other traffic is missing.",
    "Collect the flows of these nodes too; see which report: hubble list nodes",
)
NO_VERDICTS: Final = _finding(
    "NPR104",
    "No policy verdicts: audit is not effective",
    (_MEDIUM, _LOW),
    "Verdicts exist only where a policy governs the pod. Without them the direction and the need of a connection are "
    "inferred from traces, and connections older than the window may be missed.",
    "Give the pods a default deny in this direction while audit mode is on: "
    "cilium config set policy-audit-mode true, then apply a default-deny policy and capture again.",
)
UNREADABLE: Final = _finding(
    "NPR105",
    "Records that could not be read",
    (_MEDIUM,),
    "What these lines said is missing from the evidence.",
    "Look at the named lines; capture again without a field mask: hubble observe --output jsonpb, or the exporter.",
)
UNORIENTED: Final = _finding(
    "NPR106",
    "Flows without a direction",
    (_MEDIUM,),
    "Client and server could not be told apart, so these flows ask for no rule.",
    "Capture is_reply and TCP flags (no field mask), or add default-deny policies in audit mode to get verdicts.",
)
UNRESOLVED: Final = _finding(
    "NPR107",
    "Ends that could not be named",
    (_MEDIUM,),
    "Their identity is unknown or they are service addresses without backends; no rule can allow them.",
    "Give an inventory, so that addresses can be matched: kubectl get ns,pods,svc,nodes -A -o json > inventory.json",
)
REPEATS: Final = _finding(
    "NPR108",
    "Repeated records were removed",
    (_INFO,),
    "Every event counts once, so nothing is distorted.",
    "Nothing to do; polling with hubble observe --last repeats records, the exporter does not.",
)
TRACE_ONLY: Final = _finding(
    "NPR109",
    "Connections without a verdict where others have one",
    (_LOW,),
    "The verdicts were lost, or came from a pod before it was audited; how policies judge such a connection is not "
    "known.",
    "Check the losses (NPR101), and restart the client workloads during the capture, so that they connect again.",
)
OTHER_EMITTER: Final = _finding(
    "NPR110",
    "Flows from another emitter than Cilium",
    (_MEDIUM,),
    "Other emitters may sample, give no verdicts and unfiltered labels.",
    "Prefer an export by Cilium's own Hubble; else read the confidence of these edges with care.",
)
INEXPRESSIBLE: Final = _finding(
    "NPR111",
    "Protocols that no policy can name",
    (_MEDIUM,),
    "A pod whose traffic is restricted cannot use them (VRRP, IGMP, GRE and the like).",
    "Leave the pods that need them without a policy in that direction, or move them to the host network.",
)
DNS_UNSEEN: Final = _finding(
    "NPR112",
    "Name resolution was seen in part or not at all",
    (_HIGH, _MEDIUM, _LOW),
    "Without DNS answers outside addresses have no names, and without DNS servers no rule can name them.",
    "Route DNS through Cilium's proxy with an L7 DNS rule (rules.dns matchPattern '*') and capture again.",
)
INIT_IDENTITIES: Final = _finding(
    "NPR113",
    "Pods seen before they had labels",
    (_LOW,),
    "Traffic of a starting pod (reserved:init) could not be given to its workload.",
    "Usually nothing; if start-up traffic is missing, restart the workload while capturing.",
)
SELECTED_FLOWS: Final = _finding(
    "NPR114",
    "Only selected flows were looked at",
    (_HIGH, _MEDIUM),
    "Policies deny what they were not shown; traffic that was left out will be cut.",
    "Run without selection flags before enforcing.",
)
QUARANTINED: Final = _finding(
    "NPR401",
    "Edges in quarantine",
    (_HIGH, _MEDIUM),
    "They are not allowed by the policies; if they were needed, enforcing breaks them.",
    "Look at each in quarantine/: release it if it is needed, and investigate the client if it is not.",
)
EXPLICITLY_DENIED: Final = _finding(
    "NPR402",
    "Traffic that a deny rule matches",
    (_HIGH,),
    "Somebody forbade this on purpose; it is not recommended whatever the amount of traffic.",
    "Find out why it is attempted; to allow it, change the deny rule first: kubectl get cnp,ccnp -A",
)
WORLD_INGRESS: Final = _finding(
    "NPR403",
    "Reachable from outside the cluster",
    (_HIGH, _MEDIUM),
    "An intruder needs no foothold to reach these ports.",
    "Check that the exposure is meant; narrow it to known addresses, or put a gateway in front.",
)
CROSS_ENVIRONMENT: Final = _finding(
    "NPR404",
    "Traffic between environments",
    (_HIGH,),
    "A compromise of the lesser environment reaches the greater one along this way.",
    "Check that it is meant; otherwise reject these edges and move the shared service out.",
)
WORLD_EGRESS: Final = _finding(
    "NPR405",
    "Egress to many outside addresses",
    (_MEDIUM,),
    "A rule for many changing addresses is either incomplete tomorrow or open to the whole internet today.",
    "Get names for them through the DNS proxy (toFQDNs), or send the traffic through an egress gateway or proxy.",
)
STILL_OPEN: Final = _finding(
    "NPR406",
    "Quarantined, but still open",
    (_HIGH,),
    "Rules for needed traffic, or the lack of a policy, let these quarantined edges pass; the way stays open.",
    "Narrow the rules that allow them, give ungoverned workloads a policy (NPR202, NPR302), or release the edges.",
)
IDLE_POLICY: Final = _finding(
    "NPR407",
    "A policy that selects nothing",
    (_HIGH,),
    "The pods that it was made for stay open, and nothing breaks to show it.",
    "Report it as a defect with the manifest and the labels of the pods; do not apply the policy.",
)
TOLD_BY_LACK: Final = _finding(
    "NPR411",
    "Selected by what its labels lack",
    (_MEDIUM,),
    "Pods that come later without these labels are governed too: they may do what this group may, no more.",
    "Give the workload a label of its own, such as `app.kubernetes.io/component`, and capture again.",
)
DNS_TUNNEL: Final = _finding(
    "NPR412",
    "Lookups that look like a tunnel",
    (_HIGH,),
    "Names can carry data out through the cluster's own DNS, which the policies must leave open.",
    "Find out what in the pod asks for them; if nobody knows, treat the pod as taken over.",
)
SHORT_WINDOW: Final = _finding(
    "NPR501",
    "The window is short",
    (_HIGH, _MEDIUM, _LOW),
    "What happens less often than the window is long was not seen and will be denied.",
    "Keep observing before enforcing: two weeks show weekly jobs, two months monthly ones.",
)
NO_WEEKEND: Final = _finding(
    "NPR502",
    "No weekend in the window",
    (_MEDIUM,),
    "Jobs that run on weekends (backups, reports, certificate renewal) were not seen.",
    "Capture over a Saturday and a Sunday.",
)
LONG_PERIODS: Final = _finding(
    "NPR503",
    "Jobs with a long period cannot be seen",
    (_MEDIUM, _LOW),
    "A job must be due twice in a window before its traffic can be told from a chance.",
    "Ask the owners for weekly and monthly jobs, or give an inventory with CronJobs, and run those jobs by hand.",
)
NEVER_SEEN: Final = _finding(
    "NPR601",
    "Workloads that were never seen",
    (_MEDIUM,),
    "They get no policy, and policies of their peers do not allow them.",
    "Check that their nodes are observed and that they do their work in the window; then capture again.",
)
UNUSED_SERVICE: Final = _finding(
    "NPR602",
    "Services that nobody used",
    (_LOW,),
    "Their clients, if there are any, were not seen and will be denied.",
    "Ask the owners who uses them; remove the service if nobody does.",
)
MISSED_RUNS: Final = _finding(
    "NPR603",
    "CronJobs, as due and as seen",
    (_HIGH, _LOW, _INFO),
    "What a run that was not seen talks to is not allowed.",
    "Run it once while capturing: kubectl create job --from=cronjob/NAME",
)
HOST_NETWORK: Final = _finding(
    "NPR604",
    "Pods on the host network",
    (_LOW,),
    "They share the node's identity: pod policies neither govern them nor tell them apart as peers.",
    "Govern them with host policies (nodeSelector), or move them off the host network.",
)

_ALL: Final[tuple[Finding, ...]] = (
    LOST_EVENTS,
    SILENT_HOURS,
    UNOBSERVED_NODES,
    NO_VERDICTS,
    UNREADABLE,
    UNORIENTED,
    UNRESOLVED,
    REPEATS,
    TRACE_ONLY,
    OTHER_EMITTER,
    INEXPRESSIBLE,
    DNS_UNSEEN,
    INIT_IDENTITIES,
    SELECTED_FLOWS,
    QUARANTINED,
    EXPLICITLY_DENIED,
    WORLD_INGRESS,
    CROSS_ENVIRONMENT,
    WORLD_EGRESS,
    STILL_OPEN,
    IDLE_POLICY,
    UNUSED_RULE,
    WIDE_RULE,
    ENTANGLED,
    TOLD_BY_LACK,
    DNS_TUNNEL,
    SHORT_WINDOW,
    NO_WEEKEND,
    LONG_PERIODS,
    NEVER_SEEN,
    UNUSED_SERVICE,
    MISSED_RUNS,
    HOST_NETWORK,
    UNJUDGED_POLICY,
    RETIRED_POLICY,
    *CAPTURE,
    *CALENDAR,
    *EXPOSURE,
    *INVENTORY,
    *ROLLOUT,
)
FINDINGS: Final = tuple(sorted(_ALL, key=lambda finding: finding.code))
"""Sorted by code."""
