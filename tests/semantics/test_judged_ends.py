import pytest

from recommender.model.edge import AddressEnd, EntityEnd, FqdnEnd
from recommender.model.entity import Entity
from tests.semantics.replay_samples import API, DNS, OPEN, TO_API, WEB, edge, proof
from tests.semantics.samples import cnp


def test_a_name_needs_its_dns_rule():
    assert proof([API], cnp("web", egress=[TO_API])).broken
    assert proof([API], cnp("web", egress=[TO_API, DNS])).holds


def test_every_address_of_a_name_must_pass():
    first, both = ([{"toCIDR": [f"203.0.113.{n}/32" for n in numbers]}] for numbers in ((5,), (5, 6)))
    assert "for 1 of 2 combinations" in proof([API], cnp("web", egress=first)).broken[0].reason
    assert proof([API], cnp("web", egress=both)).holds


def test_a_name_without_an_address_is_judged_by_name():
    nowhere = edge(WEB, FqdnEnd(name="api.example.com"), port=443)
    assert proof([nowhere], cnp("web", egress=[TO_API, DNS])).holds
    assert proof([nowhere], cnp("web", egress=[DNS])).broken


def test_an_address_has_no_name():
    plain = edge(WEB, AddressEnd(address="203.0.113.5"), port=443, names=("api.example.com",))
    assert proof([plain], cnp("web", egress=[TO_API, DNS])).broken
    assert proof([plain], cnp("web", egress=[{"toCIDR": ["203.0.113.0/24"]}])).holds


def test_an_address_that_cannot_be_read_is_never_taken_for_allowed():
    denial = proof([edge(WEB, AddressEnd(address="<redacted>"))], OPEN).broken[0]
    assert (denial.direction, denial.reason) == ("", "no address of its ends can be read, so nothing could be judged")


@pytest.mark.parametrize("peer", [{"fromEntities": ["world"]}, {"fromCIDR": ["0.0.0.0/0"]}])
@pytest.mark.parametrize("clients", [(), ("198.51.100.7", "198.51.100.8")])
def test_the_world_is_made_of_addresses(peer, clients):
    public = edge(EntityEnd(entity=Entity.WORLD), WEB, port=443, clients=clients)
    assert proof([public], cnp("web", ingress=[peer])).holds
    assert proof([public], cnp("web", ingress=[{"fromCIDR": ["192.0.2.0/24"]}])).broken
