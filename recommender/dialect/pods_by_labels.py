"""Groups as pods of a namespace with some labels: all that the APIs of Kubernetes itself can say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.dialect.label_selector import selector_labels, wanted_labels
from recommender.dialect.losses import NOTHING, loss_of
from recommender.dialect.wording import peer_text
from recommender.model.group import GroupOrigin
from recommender.model.manifest import DialectLoss

if TYPE_CHECKING:
    from recommender.dialect.yaml_text import Node
    from recommender.model.group import Group, Selector
    from recommender.model.policy import Policy, Rule

_SHOWN_MEMBERS: Final = 3


def namespace_labels(group: Group) -> dict[str, Node]:
    """The selector of the group's namespace."""
    return {"matchLabels": {"kubernetes.io/metadata.name": group.namespace}}


def pod_labels(selector: Selector) -> dict[str, Node]:
    """The selector of the group's pods inside its namespace."""
    return selector_labels(wanted_labels(selector))


def unsaid_policy(policy: Policy, api: str) -> DialectLoss:
    """No edge is named: without a policy its pods stay open, so nothing is denied at their side."""
    return DialectLoss(
        policy=policy.name,
        subject=f"{policy.group.display}: the whole policy",
        wanted=f"a policy for the pods with {policy.group.selector}",
        written=f"{NOTHING}: {api} cannot select by service account, so these pods stay open",
        wider=True,
    )


def merged_policy(policy: Policy, api: str) -> tuple[DialectLoss, ...]:
    """The loss of putting workloads that no label tells apart under one policy, with the needs of all of them."""
    if policy.group.origin not in {GroupOrigin.INDISTINGUISHABLE, GroupOrigin.LACK} or len(policy.group.members) == 1:
        return ()
    members = ", ".join(str(member) for member in policy.group.members[:_SHOWN_MEMBERS])
    more = len(policy.group.members) - _SHOWN_MEMBERS
    members += f" and {more} more" if more > 0 else ""
    return (
        DialectLoss(
            policy=policy.name,
            subject=f"{policy.group.display}: the whole policy",
            wanted=f"a policy for each of {members}; no label tells them apart, and {api} knows no account",
            written="one policy for all of them, with what any of them needs",
            wider=True,
        ),
    )


def unnamed_group(policy: Policy, rule: Rule, group: Group, api: str) -> DialectLoss | None:
    """The loss of a rule about a group that no selector of this policy's cluster can name; None if one can."""
    wanted = ""
    if group.cluster != policy.group.cluster:
        wanted = f"pods of cluster {group.cluster or 'of unknown name'}; {api} cannot name a cluster"
    elif group.selector is None:
        wanted = f"the pods of {group.display}, which no selector names"
    return loss_of(policy, rule, wanted=wanted, written=NOTHING, wider=False) if wanted else None


def account_loss(policy: Policy, rule: Rule, group: Group, api: str) -> tuple[DialectLoss, ...]:
    """The loss of leaving out the service account of a peer; wider rather than nothing, since it is needed."""
    selector = group.selector
    if selector is None or not selector.service_account:
        return ()
    wanted = f"pods with {selector}; {api} cannot select by service account"
    labels = f" with {', '.join(one.key for one in selector.requirements)} as given" if selector.requirements else ""
    written = f"all pods of namespace {group.namespace}{labels}"
    return (loss_of(policy, rule, wanted=wanted, written=written, wider=True),)


def unsaid_icmp(policy: Policy, rule: Rule, api: str) -> DialectLoss | None:
    """The loss of a rule about ICMP; None if it is about ports."""
    if all(port.protocol.has_ports for port in rule.ports):
        return None
    wanted = f"ICMP with {peer_text(rule.peer)}; {api} knows TCP, UDP and SCTP only"
    return loss_of(policy, rule, wanted=wanted, written=NOTHING, wider=False)
