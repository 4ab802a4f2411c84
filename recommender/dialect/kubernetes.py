"""Policies as NetworkPolicy (networking.k8s.io/v1), and what that API cannot say.

It knows pods, namespaces and addresses only. Entities become a rule without a peer (any peer on those ports: the one
form that lets nodes and API servers through on every CNI), names become the addresses that were seen, a peer that only
its service account names becomes its namespace, HTTP rules become their ports. Workloads that only accounts tell apart
come here as one group where a selector without accounts names them; else, like ICMP, their policies cannot be said at
all. Each of these is a `DialectLoss`.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, assert_never

from recommender.dialect.header import metadata, nothing_seen
from recommender.dialect.interface import Said
from recommender.dialect.label_selector import selector_labels, wanted_labels
from recommender.dialect.losses import NOTHING, loss_of
from recommender.dialect.wording import peer_text, rule_text
from recommender.dialect.yaml_text import Commented
from recommender.model.entity import Entity
from recommender.model.group import GroupOrigin
from recommender.model.manifest import DialectLoss
from recommender.model.policy import CidrPeer, Direction, EntityPeer, FqdnPeer, GroupPeer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recommender.dialect.evidence_comment import EvidenceText
    from recommender.dialect.yaml_text import Node
    from recommender.model.group import Group, Selector
    from recommender.model.policy import Policy, PortRule, Rule

_EVERYWHERE = ("0.0.0.0/0", "::/0")
_SHOWN_ADDRESSES = 5
_SHOWN_MEMBERS = 3


class KubernetesDialect:
    """Says a policy as one NetworkPolicy, and names what it could not say."""

    def say(self, policy: Policy, *, evidence: EvidenceText, several_clusters: bool) -> Said:
        """The manifest's structure; none at all for a group that only its service account names."""
        del several_clusters  # a NetworkPolicy cannot name a cluster
        selector = policy.group.selector
        if selector is None or selector.service_account:
            return Said(body=None, losses=(_unsaid_policy(policy),))
        spec: dict[str, Node] = {"podSelector": _pod_selector(selector), "policyTypes": _policy_types(policy)}
        losses = list(_merged_policy(policy))
        for direction, isolated in (
            (Direction.INGRESS, policy.isolate_ingress),
            (Direction.EGRESS, policy.isolate_egress),
        ):
            if isolated:
                section, lost = _section(policy, direction, evidence)
                spec[direction.value] = section
                losses += lost
        body: dict[str, Node] = {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": metadata(policy),
            "spec": spec,
        }
        return Said(body=body, losses=tuple(losses))


def _section(policy: Policy, direction: Direction, evidence: EvidenceText) -> tuple[Commented, tuple[DialectLoss, ...]]:
    """One direction's items; what was left out stands in comments above them."""
    items: list[Node] = []
    losses: list[DialectLoss] = []
    left_out: list[str] = []
    rules = policy.rules_for(direction)
    for rule in rules:
        item, lost = _item(policy, rule)
        losses += lost
        if item is None:
            left_out += [f"LEFT OUT {rule_text(rule)}: {loss.wanted}" for loss in lost]
            continue
        remarks = (f"{'WIDER THAN SEEN' if loss.wider else 'NOT THE SAME'}: {loss.written}" for loss in lost)
        items.append(Commented(value=item, comments=(*evidence.comments(rule), *remarks)))
    comments = tuple(left_out) if rules else nothing_seen(policy, direction)
    return Commented(value=items, comments=comments), tuple(losses)


def _policy_types(policy: Policy) -> list[Node]:
    """Always written: left out, an egress-only policy would also isolate ingress (policy-semantics 1.1)."""
    types: list[Node] = []
    if policy.isolate_ingress:
        types.append("Ingress")
    if policy.isolate_egress:
        types.append("Egress")
    return types


def _unsaid_policy(policy: Policy) -> DialectLoss:
    """No edge is named: without a policy its pods stay open, so nothing is denied at their side."""
    return DialectLoss(
        policy=policy.name,
        subject=f"{policy.group.display}: the whole policy",
        wanted=f"a policy for the pods with {policy.group.selector}",
        written=f"{NOTHING}: NetworkPolicy cannot select by service account, so these pods stay open",
        wider=True,
    )


def _merged_policy(policy: Policy) -> tuple[DialectLoss, ...]:
    """Workloads that no label tells apart are one group here, with the needs of all of them."""
    if policy.group.origin not in {GroupOrigin.INDISTINGUISHABLE, GroupOrigin.LACK} or len(policy.group.members) == 1:
        return ()
    members = ", ".join(str(member) for member in policy.group.members[:_SHOWN_MEMBERS])
    more = len(policy.group.members) - _SHOWN_MEMBERS
    members += f" and {more} more" if more > 0 else ""
    return (
        DialectLoss(
            policy=policy.name,
            subject=f"{policy.group.display}: the whole policy",
            wanted=f"a policy for each of {members}; no label tells them apart, and NetworkPolicy knows no account",
            written="one policy for all of them, with what any of them needs",
            wider=True,
        ),
    )


def _item(policy: Policy, rule: Rule) -> tuple[dict[str, Node] | None, tuple[DialectLoss, ...]]:
    """The rule as one item, or None where it cannot be said, and the losses."""
    if not all(port.protocol.has_ports for port in rule.ports):
        wanted = f"ICMP with {peer_text(rule.peer)}; NetworkPolicy knows TCP, UDP and SCTP only"
        return None, (loss_of(policy, rule, wanted=wanted, written=NOTHING, wider=False),)
    item, losses = _peer_item(policy, rule)
    return item, (*losses, _http_loss(policy, rule)) if item and rule.http else losses


def _peer_item(policy: Policy, rule: Rule) -> tuple[dict[str, Node] | None, tuple[DialectLoss, ...]]:
    ports = _ports(rule.ports)
    match rule.peer:
        case GroupPeer(group=group):
            return _group_item(policy, rule, group)
        case EntityPeer(entity=Entity.WORLD):
            wanted, written = "everything outside the cluster, no pod", "0.0.0.0/0 and ::/0, pods too on some CNIs"
            item = _with_peers(rule, [{"ipBlock": {"cidr": cidr}} for cidr in _EVERYWHERE])
            return item, (loss_of(policy, rule, wanted=wanted, written=written, wider=True),)
        case EntityPeer(entity=entity, addresses=addresses):
            wanted = f"the entity {entity.value}{_seen_at(addresses)}"
            loss = loss_of(policy, rule, wanted=wanted, written="any peer on these ports", wider=True)
            return {"ports": ports}, (loss,)
        case FqdnPeer(addresses=addresses):
            return _fqdn_item(policy, rule, peer_text(rule.peer), addresses)
        case CidrPeer(cidrs=cidrs):
            return _with_peers(rule, [{"ipBlock": {"cidr": cidr}} for cidr in cidrs]), ()
        case _:
            assert_never(rule.peer)


def _http_loss(policy: Policy, rule: Rule) -> DialectLoss:
    wanted = "HTTP methods and paths; NetworkPolicy knows ports only"
    return loss_of(policy, rule, wanted=wanted, written="every request on these ports", wider=True)


def _group_item(policy: Policy, rule: Rule, group: Group) -> tuple[dict[str, Node] | None, tuple[DialectLoss, ...]]:
    selector = group.selector
    if group.cluster != policy.group.cluster:
        wanted = f"pods of cluster {group.cluster or 'of unknown name'}; NetworkPolicy cannot name a cluster"
        return None, (loss_of(policy, rule, wanted=wanted, written=NOTHING, wider=False),)
    if selector is None:
        wanted = f"the pods of {group.display}, which no selector names"
        return None, (loss_of(policy, rule, wanted=wanted, written=NOTHING, wider=False),)
    namespace: dict[str, Node] = {"matchLabels": {"kubernetes.io/metadata.name": group.namespace}}
    if selector.service_account:
        # Wider rather than nothing, as for entities: what is known to be needed must not break.
        wanted = f"pods with {selector}; NetworkPolicy cannot select by service account"
        labels = (
            f" with {', '.join(one.key for one in selector.requirements)} as given" if selector.requirements else ""
        )
        written = f"all pods of namespace {group.namespace}{labels}"
        peer: dict[str, Node] = {"namespaceSelector": namespace}
        if selector.requirements:
            peer["podSelector"] = _pod_selector(selector)
        return _with_peers(rule, [peer]), (loss_of(policy, rule, wanted=wanted, written=written, wider=True),)
    return _with_peers(rule, [{"namespaceSelector": namespace, "podSelector": _pod_selector(selector)}]), ()


def _fqdn_item(
    policy: Policy, rule: Rule, name: str, addresses: Sequence[str]
) -> tuple[dict[str, Node] | None, tuple[DialectLoss, ...]]:
    cidrs = _single_prefixes(addresses)
    if not cidrs:
        wanted = f"the DNS name {name}, of which no address was seen"
        return None, (loss_of(policy, rule, wanted=wanted, written=NOTHING, wider=False),)
    written = f"the {len(cidrs)} addresses seen for it; they move when the name does"
    loss = loss_of(policy, rule, wanted=f"the DNS name {name}", written=written, wider=False)
    return _with_peers(rule, [{"ipBlock": {"cidr": cidr}} for cidr in cidrs]), (loss,)


def _with_peers(rule: Rule, peers: list[Node]) -> dict[str, Node]:
    key = "from" if rule.direction is Direction.INGRESS else "to"
    return {key: peers, "ports": _ports(rule.ports)}


def _ports(ports: Sequence[PortRule]) -> list[Node]:
    return [
        {
            "protocol": port.protocol.value,
            "port": port.port,
            **({"endPort": port.end_port} if port.end_port else {}),
        }
        for port in ports
    ]


def _pod_selector(selector: Selector) -> dict[str, Node]:
    return selector_labels(wanted_labels(selector))


def _single_prefixes(addresses: Sequence[str]) -> list[str]:
    """The addresses as /32 and /128, IPv4 first; what is no address is left out."""
    parsed = [address for text in set(addresses) if (address := _address(text))]
    ordered = sorted(parsed, key=lambda address: (address.version, int(address)))
    return [f"{address}/{address.max_prefixlen}" for address in ordered]


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        return None


def _seen_at(addresses: Sequence[str]) -> str:
    if not addresses:
        return ""
    more = f" and {len(addresses) - _SHOWN_ADDRESSES} more" if len(addresses) > _SHOWN_ADDRESSES else ""
    return f", seen at {', '.join(addresses[:_SHOWN_ADDRESSES])}{more}"
