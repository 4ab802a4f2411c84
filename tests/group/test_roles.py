import pytest

from recommender.group.roles import instance_stem, key_rank, owner_aliases, role_name, role_stem


@pytest.mark.parametrize(
    ("kind", "name", "stem"),
    [
        ("Deployment", "web-v2", "web"),
        ("Deployment", "web-canary", "web"),
        ("Deployment", "web-blue", "web"),
        ("Deployment", "web-worker", "web-worker"),
        ("Deployment", "web-2", "web-2"),
        ("ReplicaSet", "web-7d4b9c6f58", "web"),
        ("ReplicaSet", "web-frontend", "web-frontend"),
        ("Job", "report-28391015", "report"),
        ("Job", "migrate-x7k2p", "migrate"),
        ("Job", "migrate-schema", "migrate-schema"),
        ("Pod", "web-7d4b9c6f58-x7k2p", "web"),
        ("Pod", "redis-0", "redis"),
        ("Pod", "debug", "debug"),
        ("StatefulSet", "redis-0", "redis-0"),
        ("LabelSet", "web-abc123", ""),
    ],
)
def test_role_stem(kind, name, stem):
    assert role_stem(kind, name) == stem


def test_an_ordinary_owner_keeps_its_name():
    assert instance_stem("Deployment", "web-v2") == "web-v2"


@pytest.mark.parametrize(
    ("labels", "name"),
    [
        ({"app.kubernetes.io/name": "shop", "app.kubernetes.io/component": "web"}, "shop-web"),
        ({"app": "shop-web", "component": "web"}, "shop-web"),
        ({"app": "web", "component": "shop-web"}, "shop-web"),
        ({"k8s-app": "kube-dns"}, "kube-dns"),
        ({"component": "db"}, "db"),
        ({"app.kubernetes.io/instance": "shop"}, "shop"),
        ({}, ""),
    ],
)
def test_role_name(labels, name):
    assert role_name(labels.items()) == name


def test_rank_puts_roles_first_and_weak_keys_last():
    keys = ["team", "zone", "role", "app", "app.kubernetes.io/name", "app.kubernetes.io/managed-by"]
    ranked = ["app.kubernetes.io/name", "app", "role", "zone", "app.kubernetes.io/managed-by", "team"]
    assert sorted(keys, key=key_rank) == ranked


def test_an_inventory_may_list_the_owner_of_the_owner():
    assert ("CronJob", "report") in owner_aliases("Job", "report-28391015")
    assert ("Deployment", "web") in owner_aliases("ReplicaSet", "web-7d4b9c6f58")
    assert owner_aliases("Deployment", "web-28391015") == {("Deployment", "web-28391015")}
