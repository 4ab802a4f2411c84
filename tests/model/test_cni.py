"""The matrix of network plugins and what is read from it."""

from urllib.parse import urlsplit

import pytest

from recommender.model.cni import Cni, CniPlugin, Enforcement, Feature, PassedOver, Support
from recommender.model.cni_plugins import PLUGINS, plugin_named
from recommender.model.manifest import Dialect

EVERY = pytest.mark.parametrize("plugin", PLUGINS, ids=lambda plugin: plugin.name)


def says(enforcement, **parts):
    return Support(enforcement=enforcement, sources=("https://example.com/policies",), **parts)


def made(**parts):
    supports = {
        Dialect.KUBERNETES: says(Enforcement.FULL, since=(1, 14)),
        Dialect.CLUSTER_NETWORK_POLICY: says(Enforcement.OPTIONAL, since=(1, 21), note="with its switch"),
    }
    return CniPlugin(**({"name": "made", "supports": supports} | parts))


class TestMatrix:
    def test_it_is_sorted_and_each_plugin_stands_once(self):
        names = [plugin.name for plugin in PLUGINS]
        assert names == sorted(set(names))
        assert all(name == name.lower() for name in names)

    @EVERY
    def test_every_cell_names_public_pages(self, plugin):
        pages = [page for support in plugin.supports.values() for page in support.sources]
        pages += [*plugin.daemon_sets.values(), *(passed.source for passed in plugin.ignores.values())]
        assert all(support.sources for support in plugin.supports.values())
        assert all(urlsplit(page).scheme == "https" and "." in urlsplit(page).netloc for page in pages)
        assert all(urlsplit(page).path.strip("/") and " " not in page for page in pages)

    @EVERY
    def test_what_is_stated_is_not_what_follows(self, plugin):
        assert Dialect.KUBERNETES in plugin.supports
        for support in plugin.supports.values():
            assert support.enforcement is not Enforcement.PARTIAL
            assert support.note or support.enforcement is not Enforcement.OPTIONAL
            assert not support.since or support.enforcement not in {Enforcement.NONE, Enforcement.UNKNOWN}

    def test_an_agent_belongs_to_one_plugin(self):
        agents = [agent for plugin in PLUGINS for agent in plugin.daemon_sets]
        assert len(agents) == len(set(agents))

    def test_only_cilium_is_sure_to_enforce_its_own_policies(self):
        sure = [plugin.name for plugin in PLUGINS if plugin.enforcement(Dialect.CILIUM) is Enforcement.FULL]
        assert sure == ["cilium"]

    @pytest.mark.parametrize(
        ("name", "version", "enforcement"),
        [
            ("antrea", "2.6.1", Enforcement.NONE),
            ("antrea", "2.7", Enforcement.OPTIONAL),
            ("aws-vpc-cni", "1.21.1", Enforcement.NONE),
            ("calico", "3.31", Enforcement.NONE),
            ("calico", "v3.32.0", Enforcement.FULL),
            ("calico", "", Enforcement.FULL),
            ("cilium", "1.19.3", Enforcement.NONE),
            ("cilium", "1.20.1", Enforcement.OPTIONAL),
            ("flannel", "", Enforcement.NONE),
            ("kindnet", "", Enforcement.NONE),
            ("kube-ovn", "1.14", Enforcement.NONE),
            ("kube-ovn", "1.15", Enforcement.OPTIONAL),
            ("ovn-kubernetes", "", Enforcement.UNKNOWN),
        ],
    )
    def test_who_enforces_cluster_network_policies(self, name, version, enforcement):
        assert plugin_named(name).enforcement(Dialect.CLUSTER_NETWORK_POLICY, version) is enforcement

    @pytest.mark.parametrize("name", ["flanel", "", "cilium@1.16", "weave net"])
    def test_other_names_are_nobody(self, name):
        assert plugin_named(name) is None

    def test_names_are_found_in_any_case(self):
        assert plugin_named("Flannel").name == "flannel"


class TestSupport:
    @pytest.mark.parametrize(
        ("version", "kubernetes", "cluster"),
        [
            ("1.13.9", Enforcement.NONE, Enforcement.NONE),
            ("1.14", Enforcement.FULL, Enforcement.NONE),
            ("v1.20.99", Enforcement.FULL, Enforcement.NONE),
            ("1.21.0", Enforcement.FULL, Enforcement.OPTIONAL),
            ("2", Enforcement.FULL, Enforcement.OPTIONAL),
            ("1", Enforcement.FULL, Enforcement.OPTIONAL),
            ("0", Enforcement.NONE, Enforcement.NONE),
            ("", Enforcement.FULL, Enforcement.OPTIONAL),
        ],
    )
    def test_each_dialect_has_its_first_version(self, version, kubernetes, cluster):
        assert made().enforcement(Dialect.KUBERNETES, version) is kubernetes
        assert made().enforcement(Dialect.CLUSTER_NETWORK_POLICY, version) is cluster

    def test_before_it_the_note_names_it(self):
        support = made().support(Dialect.CLUSTER_NETWORK_POLICY, "1.20")
        assert (support.note, support.sources) == (
            "it does from 1.21 on, with its switch",
            ("https://example.com/policies",),
        )

    def test_a_dialect_that_is_not_listed_is_ignored(self):
        assert made().support(Dialect.CALICO, "9") == says(Enforcement.NONE)


class TestPassedOver:
    plugin = made(
        ignores={
            Feature.SCTP: PassedOver(source="https://example.com/sctp"),
            Feature.END_PORT: PassedOver(source="https://example.com/ranges", until=(1, 16)),
        }
    )

    def test_fields_make_it_partial(self):
        support = self.plugin.support(Dialect.KUBERNETES, "1.15.9")
        assert (support.enforcement, support.note) == (Enforcement.PARTIAL, "it does not know SCTP, endPort")
        assert support.sources == ("https://example.com/ranges", "https://example.com/sctp")

    @pytest.mark.parametrize("version", ["1.16", "1.16.0", "v1.17", ""])
    def test_from_a_version_on_they_are_known(self, version):
        assert self.plugin.ignored(version) == {Feature.SCTP: "https://example.com/sctp"}

    def test_what_is_ignored_or_optional_stays_so(self):
        assert self.plugin.enforcement(Dialect.KUBERNETES, "1.13") is Enforcement.NONE
        assert self.plugin.enforcement(Dialect.CLUSTER_NETWORK_POLICY) is Enforcement.OPTIONAL


def test_a_plugin_is_called_by_name_and_version():
    assert (str(Cni(plugin=made())), str(Cni(plugin=made(), version="1.2"))) == ("made", "made 1.2")
