import pytest

from recommender.group.volatile import key_fault, valid_key, valid_value, value_fault


@pytest.mark.parametrize(
    "value",
    [
        "7d4b9c6f58",  # pod-template-hash
        "web-7d4b9c6f58",
        "9f86d081884c7d65",
        "3f2a9c1",  # short commit
        "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "2024-05-17",
        "20240517",
        "backup-20240517-0300",
        "1715942400",
        "28391015",
        "report-28391015",
        "1.27.3",
        "v2.0.1-rc1",
        "redis-18.4.0",
        "x7k2p9qw4z",
        "Xk9fQ2bLm0",
        "9" * 63,
    ],
)
def test_generated_values(value):
    assert value_fault(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "web",
        "postgres-14",
        "frontend-v2",
        "log4shell",
        "redis6",
        "s3gateway",
        "deadbeef",
        "facade",
        "cafe2024",
        "kube-dns",
        "0",
        "8080",
        "us-east-1a",
        "k8s-app",
        "oauth2-proxy",
        "stateful-set-with-a-rather-long-name-that-nobody-would-shorten",
    ],
)
def test_chosen_values(value):
    assert value_fault(value) == ""


@pytest.mark.parametrize(
    "key",
    [
        "pod-template-hash",
        "rollouts-pod-template-hash",
        "controller-revision-hash",
        "statefulset.kubernetes.io/pod-name",
        "apps.kubernetes.io/pod-index",
        "batch.kubernetes.io/job-completion-index",
        "batch.kubernetes.io/controller-uid",
        "job-name",
        "controller-uid",
        "helm.sh/chart",
        "app.kubernetes.io/version",
        "version",
        "checksum/config",
        "example.com/git-sha",
        "build-id",
        "io.cilium.k8s.policy.cluster",
        "topology.beta.kubernetes.io/zone",
        "bad key",
        "",
        "/x",
        "UPPER.example/x",
    ],
)
def test_keys_that_no_selector_may_use(key):
    assert key_fault(key)


@pytest.mark.parametrize(
    "key",
    [
        "app",
        "k8s-app",
        "app.kubernetes.io/name",
        "app.kubernetes.io/managed-by",
        "team",
        "example.com/part",
        "conversion",
    ],
)
def test_keys_that_a_selector_may_use(key):
    assert key_fault(key) == ""


@pytest.mark.parametrize("value", ["a b", "-a", "a-", "<b>", "a\n", "ä", "a" * 64, "a/b", "{{x}}", "\ud800"])
def test_values_that_kubernetes_refuses(value):
    assert not valid_value(value)
    assert value_fault(value)


def test_key_length_limits():
    assert valid_key("a" * 63)
    assert not valid_key("a" * 64)
    assert not valid_key(f"{'a' * 254}/x")
