"""Peers that are no pods, where a dialect has no word for them: which they are, and the losses they bring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.dialect.addresses import seen_at, single_prefixes
from recommender.dialect.losses import NOTHING, loss_of
from recommender.dialect.wording import peer_text
from recommender.model.entity import Entity

if TYPE_CHECKING:
    from recommender.model.manifest import DialectLoss
    from recommender.model.policy import EntityPeer, FqdnPeer, Policy, Rule

NO_PODS: Final = frozenset({Entity.HOST, Entity.REMOTE_NODE, Entity.KUBE_APISERVER, Entity.WORLD})
"""Entities that are pods on no CNI; the others exist with Cilium only, and elsewhere may well be pods."""


def entity_loss(policy: Policy, rule: Rule, peer: EntityPeer, *, written: str, wider: bool = True) -> DialectLoss:
    """The loss of a rule about an entity."""
    wanted = f"the entity {peer.entity.value}{seen_at(peer.addresses)}"
    return loss_of(policy, rule, wanted=wanted, written=written, wider=wider)


def addresses_of_name(policy: Policy, rule: Rule, peer: FqdnPeer) -> tuple[list[str], DialectLoss]:
    """The addresses that stand for a DNS name (none if none was seen), and the loss."""
    cidrs, name = single_prefixes(peer.addresses), peer_text(peer)
    if not cidrs:
        wanted = f"the DNS name {name}, of which no address was seen"
        return [], loss_of(policy, rule, wanted=wanted, written=NOTHING, wider=False)
    written = f"the {len(cidrs)} addresses seen for it; they move when the name does"
    return cidrs, loss_of(policy, rule, wanted=f"the DNS name {name}", written=written, wider=False)
