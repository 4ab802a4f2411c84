import pytest

from recommender.model.manifest import Dialect
from recommender.semantics.settings import SemanticsSettings, settings_for, settings_of

TEXT = settings_for(Dialect.CLUSTER_NETWORK_POLICY)


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ((), SemanticsSettings()),
        (("NetworkPolicy",), SemanticsSettings()),
        (("ClusterNetworkPolicy", "NetworkPolicy", None), TEXT),
        (("ClusterNetworkPolicy", "CiliumNetworkPolicy"), SemanticsSettings()),
        (("ClusterNetworkPolicy", "CiliumClusterwideNetworkPolicy"), SemanticsSettings()),
    ],
)
def test_cluster_network_policies_are_read_by_the_text_unless_ciliums_stand_beside_them(kinds, expected):
    assert settings_of(kinds) == expected


def test_the_text_has_networks_match_pods_and_nodes():
    assert TEXT.cidr_matches_pods
    assert not TEXT.baseline_opens_isolated
    assert settings_for(Dialect.CALICO) == TEXT
    assert settings_for(Dialect.CILIUM) == settings_for(Dialect.KUBERNETES) == SemanticsSettings()


def test_with_ciliums_policies_beside_it_a_cluster_network_policy_is_ciliums_to_read():
    beside = ("CiliumNetworkPolicy",)
    assert settings_for(Dialect.CLUSTER_NETWORK_POLICY, beside=beside) == SemanticsSettings()
    assert settings_for(Dialect.CLUSTER_NETWORK_POLICY, beside=("NetworkPolicy",)) == TEXT
