"""What lint finds (NPR901 to NPR928): each a trap that people fell into, with its way out."""

from __future__ import annotations

from typing import Final

from recommender.assess.finding import Finding
from recommender.assess.finding import finding as _finding
from recommender.model.gap import Severity

_HIGH, _MEDIUM, _LOW, _INFO = Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.INFO

REFUSED: Final = _finding(
    "NPR901",
    "Policy that is refused",
    (_HIGH,),
    "The API server or the network plugin rejects it, so it protects nobody.",
    "Correct the field that is named; kubectl apply --dry-run=server asks the API server.",
)
ALLOWS_NOTHING: Final = _finding(
    "NPR902",
    "Empty rule that allows nothing",
    (_MEDIUM, _INFO),
    "In Cilium's policies `- {}` allows nobody, while the same text in a NetworkPolicy allows everybody.",
    "Keep it alone for default deny; to allow everything write fromEntities or toEntities: [all].",
)
ALLOWS_ALL: Final = _finding(
    "NPR903",
    "Empty rule that allows everybody",
    (_MEDIUM,),
    "In a NetworkPolicy `- {}` opens the direction to everybody on every port, in Calico's `- action: Allow` alone.",
    "For default deny leave the list out and name the direction in policyTypes (Calico: types).",
)
TWO_ITEMS: Final = _finding(
    "NPR904",
    "Two peers where one may be meant",
    (_MEDIUM,),
    "Two items of a list add up: all pods of the namespaces, and also the pods of the own namespace. One dash too many "
    "opens whole namespaces.",
    "Put podSelector and namespaceSelector under the same dash if both must hold.",
)
POD_ADDRESSES: Final = _finding(
    "NPR905",
    "Addresses of the cluster's own pods, services or nodes",
    (_HIGH, _LOW),
    "Cilium never matches pods and nodes by address, and other plugins see the pods behind a service, never the "
    "service's address.",
    "Name pods by label and nodes or the API server by entity.",
)
NAMES_UNLEARNED: Final = _finding(
    "NPR906",
    "DNS name without a DNS rule",
    (_HIGH,),
    "toFQDNs matches only addresses that the DNS proxy saw being looked up: without rules.dns it allows nothing.",
    'Add a rule to the cluster\'s DNS on port 53 with rules.dns, such as matchPattern "*".',
)
NAME_LABEL: Final = _finding(
    "NPR907",
    "Namespace selected by a label that Kubernetes does not set",
    (_HIGH, _MEDIUM),
    "Kubernetes labels namespaces with kubernetes.io/metadata.name; `name` is there only where somebody put it.",
    "Use kubernetes.io/metadata.name.",
)
WRONG_KEY: Final = _finding(
    "NPR908",
    "Namespace label among the labels of pods",
    (_HIGH,),
    "In fromEndpoints and toEndpoints kubernetes.io/metadata.name is a label of pods: no pod has it, nothing matches.",
    "Use k8s:io.kubernetes.pod.namespace.",
)
NO_POLICY_TYPES: Final = _finding(
    "NPR909",
    "Egress rules without policyTypes",
    (_MEDIUM,),
    "Without policyTypes a NetworkPolicy always isolates ingress too: nobody can reach the pods any more.",
    "Say which directions are meant: policyTypes.",
)
UNLISTED_SECTION: Final = _finding(
    "NPR910",
    "Rules for a direction that policyTypes leaves out",
    (_MEDIUM,),
    "By the API's text, and in Calico's policies, these rules are ignored; Cilium enforces those of a NetworkPolicy.",
    "Add the direction to policyTypes, or take the rules out.",
)
SELECTS_NOBODY: Final = _finding(
    "NPR911",
    "Policy that selects nobody",
    (_MEDIUM,),
    "It protects nobody; a selector that is misspelt leaves its pods open.",
    "Compare its selector with the pods' labels: kubectl get pods -A --show-labels",
)
PEER_NOBODY: Final = _finding(
    "NPR912",
    "Peer that is nobody",
    (_MEDIUM,),
    "The rule allows nothing, so what it is there for is denied; or it waits for pods that are gone.",
    "Compare the selector with the labels of pods and namespaces, or take the rule out.",
)
SELECTS_ALL: Final = _finding(
    "NPR913",
    "Policy or peer that is everybody",
    (_HIGH, _LOW),
    "An empty selector in a cluster-wide policy isolates kube-system too, with Cilium health and ingress endpoints, "
    "with Calico host endpoints; as a peer it is every pod of the cluster.",
    "Leave system namespaces out (Cilium: NotIn on k8s:io.kubernetes.pod.namespace), or name who is meant.",
)
REDUNDANT: Final = _finding(
    "NPR914",
    "Rule that another rule says already",
    (_LOW,),
    "Whoever removes one of the two to close an access closes nothing.",
    "Remove the narrower one.",
)
SHADOWED: Final = _finding(
    "NPR915",
    "Allow rule that a deny rule cancels",
    (_MEDIUM,),
    "Deny wins however wide it is: the allow rule has no effect.",
    "Remove the allow rule, or narrow the deny rule.",
)
FILTER_LIFTED: Final = _finding(
    "NPR916",
    "HTTP rules that another rule lifts",
    (_HIGH,),
    "Rules add up: one that allows the same peers and port without looking at requests opens every request.",
    "Give both rules the HTTP rules, or remove the wider one.",
)
UNSTABLE_LABEL: Final = _finding(
    "NPR917",
    "Label that does not last",
    (_HIGH,),
    "Its value changes with every rollout or pod, or Cilium's default filter leaves the label out of identities: the "
    "selector soon matches nobody, or never did.",
    "Select by labels that the workload's owner sets, such as app.kubernetes.io/name.",
)
DENY_ONLY: Final = _finding(
    "NPR918",
    "Deny rules alone isolate",
    (_HIGH,),
    "A policy with deny rules only isolates as any other does: everything else is dropped as well.",
    "Add the allow rules; in Cilium's policies enableDefaultDeny: false leaves the rest open.",
)
END_BELOW_PORT: Final = _finding(
    "NPR919",
    "endPort below port",
    (_MEDIUM,),
    "Cilium accepts it and opens the single port.",
    "Swap the two numbers, or leave endPort out.",
)
ICMP_ZERO: Final = _finding(
    "NPR920",
    "ICMP type 0 opens all types",
    (_LOW,),
    "Cilium reads type 0 as every type; replies to pings need no rule.",
    "Name the type that is meant, such as 8 (EchoRequest).",
)
WORLD_DENIED: Final = _finding(
    "NPR921",
    "Denying the world may deny the API server",
    (_MEDIUM,),
    "An API server outside the cluster is part of `world`: its clients lose it, and deny beats every allow.",
    "Deny narrower prefixes, or allow what is needed instead of denying the rest.",
)
PORT_NOBODY_HAS: Final = _finding(
    "NPR922",
    "Port that none of the servers has",
    (_MEDIUM,),
    "Policies see the pod's port, not the service's; a named port opens nothing where no container declares it.",
    "Use the containers' port (targetPort), or declare the name.",
)
WORLD_WITH_PRIVATE: Final = _finding(
    "NPR923",
    "Every address, private ranges included",
    (_LOW,),
    "0.0.0.0/0 for the internet also opens the networks beside the cluster, and with most plugins its pods and nodes.",
    "Except 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16, or name who is meant.",
)
DNS_MISSING: Final = _finding(
    "NPR924",
    "Egress without DNS",
    (_HIGH, _MEDIUM),
    "Names cannot be resolved: calls fail, now and then where one of UDP and TCP is left.",
    "Allow UDP and TCP 53 to the cluster's DNS.",
)
DENY_FIRST: Final = _finding(
    "NPR925",
    "Default deny before its allows",
    (_LOW,),
    "kubectl applies files by name: until the rules that follow are there, the pods are cut off.",
    "Apply the allow rules first, or put everything into one file.",
)
PLUGIN_IGNORES: Final = _finding(
    "NPR926",
    "The network plugin ignores it",
    (_HIGH, _MEDIUM, _LOW),
    "It looks applied and protects nothing.",
    "Use a policy API and fields that the plugin enforces, or another plugin.",
)
REPLY_PORTS: Final = _finding(
    "NPR927",
    "Ports on which clients wait for answers",
    (_LOW,),
    "Policies are stateful: answers pass without a rule. This one opens whatever listens on the ephemeral ports.",
    "Take the rule out, or name the ports that servers listen on.",
)
HTTP_WITHOUT_DENY: Final = _finding(
    "NPR928",
    "HTTP rules act though default deny is off",
    (_MEDIUM,),
    "enableDefaultDeny is about layers 3 and 4: requests that the HTTP rules do not name are refused all the same in "
    "some versions of Cilium.",
    "Leave the HTTP rules out until default deny is on, or add one that allows every request.",
)

LINT: Final[tuple[Finding, ...]] = (
    REFUSED,
    ALLOWS_NOTHING,
    ALLOWS_ALL,
    TWO_ITEMS,
    POD_ADDRESSES,
    NAMES_UNLEARNED,
    NAME_LABEL,
    WRONG_KEY,
    NO_POLICY_TYPES,
    UNLISTED_SECTION,
    SELECTS_NOBODY,
    PEER_NOBODY,
    SELECTS_ALL,
    REDUNDANT,
    SHADOWED,
    FILTER_LIFTED,
    UNSTABLE_LABEL,
    DENY_ONLY,
    END_BELOW_PORT,
    ICMP_ZERO,
    WORLD_DENIED,
    PORT_NOBODY_HAS,
    WORLD_WITH_PRIVATE,
    DNS_MISSING,
    DENY_FIRST,
    PLUGIN_IGNORES,
    REPLY_PORTS,
    HTTP_WITHOUT_DENY,
)
"""Sorted by code."""
