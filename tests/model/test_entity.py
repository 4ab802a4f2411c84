import itertools

import pytest

from recommender.model.entity import Entity, entity_of

PRECEDENCE = ("kube-apiserver", "ingress", "health", "host", "remote-node", "world")


@pytest.mark.parametrize(("stronger", "weaker"), list(itertools.combinations(PRECEDENCE, 2)))
def test_of_two_reserved_labels_the_narrower_one_names_the_peer(stronger, weaker):
    """Hubble-quirks 32."""
    assert entity_of({weaker, stronger}) is Entity(stronger)


@pytest.mark.parametrize(("name", "identity"), [("world", 2), ("world-ipv4", 9), ("world-ipv6", 10)])
def test_both_families_are_the_world(name, identity):
    assert entity_of({name}) is Entity.WORLD
    assert entity_of(set(), identity) is Entity.WORLD


def test_labels_beat_the_number():
    assert entity_of({"kube-apiserver"}, identity=1) is Entity.KUBE_APISERVER
