import pytest

from recommender.ingest.declared_uses import declared_uses
from recommender.model.declared_use import UseKind
from recommender.model.group import Requirement


def uses(kind, *, namespace="shop", annotations=None, **parts):
    metadata = {"name": "x", "namespace": namespace, "annotations": annotations or {}}
    return list(declared_uses({"kind": kind, "metadata": metadata, **parts}))


class TestMonitors:
    def test_a_service_monitor(self):
        selector = {"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "tier", "operator": "Exists"}]}
        spec = {"selector": selector, "endpoints": [{"port": "http-metrics"}, {"targetPort": 9090}]}
        named, numbered = uses("ServiceMonitor", spec=spec)
        assert (named.kind, named.source, named.namespaces) == (UseKind.SCRAPE, "ServiceMonitor/shop/x", ("shop",))
        assert (named.by_service, named.port, named.is_target) == (True, "http-metrics", False)
        assert (numbered.port, numbered.is_target) == (9090, True)
        assert named.selector.requirements == (
            Requirement(key="app", values=("web",)),
            Requirement(key="tier", values=()),
        )

    def test_namespaces(self):
        def of(chosen):
            (use,) = uses(
                "PodMonitor",
                spec={"selector": {}, "podMetricsEndpoints": [{"port": "m"}], "namespaceSelector": chosen},
            )
            return use.namespaces

        assert of({"any": True}) == ()
        assert of({"matchNames": ["b", "a"]}) == ("a", "b")
        assert of({}) == ("shop",)

    def test_a_selector_that_cannot_be_told_promises_nothing(self):
        selector = {"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["b"]}]}
        assert uses("PodMonitor", spec={"selector": selector, "podMetricsEndpoints": [{"port": "m"}]}) == []


class TestWebhooks:
    def test_in_the_cluster_and_outside(self):
        service = {"service": {"namespace": "certs", "name": "hook"}}
        hooks = [{"clientConfig": service}, {"clientConfig": {"url": "https://hooks.example.com"}}]
        (use,) = uses("ValidatingWebhookConfiguration", namespace="", webhooks=hooks)
        assert (use.source, use.namespaces, use.service, use.port) == (
            "ValidatingWebhookConfiguration/x",
            ("certs",),
            "hook",
            443,
        )
        assert use.required

    def test_failing_open(self):
        hook = {"failurePolicy": "Ignore", "clientConfig": {"service": {"namespace": "a", "name": "b", "port": 8443}}}
        (use,) = uses("MutatingWebhookConfiguration", namespace="", webhooks=[hook])
        assert (use.required, use.port) == (False, 8443)

    def test_an_aggregated_api(self):
        (use,) = uses("APIService", namespace="", spec={"service": {"namespace": "kube-system", "name": "metrics"}})
        assert (use.service, use.required) == ("metrics", True)
        assert uses("APIService", namespace="", spec={"service": None}) == []


class TestRoutes:
    def test_an_ingress(self):
        def backend(service, **port):
            return {"service": {"name": service, "port": port}}

        paths = [{"path": "/", "backend": backend("web", number=80)}, {"backend": backend("web", number=80)}]
        spec = {
            "defaultBackend": backend("fallback", name="http"),
            "rules": [{"http": {"paths": paths}}, {"host": "h"}],
        }
        assert [(use.service, use.port) for use in uses("Ingress", spec=spec)] == [("fallback", "http"), ("web", 80)]

    def test_a_route_of_the_gateway_api(self):
        references = [
            {"name": "web", "port": 80},
            {"name": "b", "namespace": "other", "port": 81},
            {"kind": "X", "name": "c"},
        ]
        found = uses("HTTPRoute", spec={"rules": [{"backendRefs": references}]})
        assert [(use.namespaces, use.service, use.port) for use in found] == [
            (("other",), "b", 81),
            (("shop",), "web", 80),
        ]


class TestPods:
    @pytest.mark.parametrize(
        ("port", "expected"), [("9090", [9090]), ("", []), ("http", []), ("999999", []), ("٩٠", []), (None, [])]
    )
    def test_scrape_annotations(self, port, expected):
        annotations = {"prometheus.io/scrape": "true", "prometheus.io/port": port}
        assert [use.port for use in uses("Pod", annotations=annotations, spec={})] == expected
        assert [use.is_target for use in uses("Service", annotations=annotations)] == [True] * len(expected)

    def test_scraping_that_is_switched_off(self):
        assert uses("Pod", annotations={"prometheus.io/scrape": "false", "prometheus.io/port": "1"}) == []

    def test_probes(self):
        containers = [
            {"livenessProbe": {"httpGet": {"port": 8080}}, "readinessProbe": {"httpGet": {"port": "http"}}},
            {"startupProbe": {"grpc": {"port": 9000}}, "livenessProbe": {"exec": {"command": ["true"]}}},
            {"readinessProbe": {"tcpSocket": {"port": 8080}}},
        ]
        found = uses("Pod", spec={"containers": containers})
        assert [(use.kind, use.pod, use.port) for use in found] == [
            (UseKind.PROBE, "x", 8080),
            (UseKind.PROBE, "x", 9000),
            (UseKind.PROBE, "x", "http"),
        ]


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        ("Ingress", {"spec": {"rules": "x"}}),
        ("ServiceMonitor", {"spec": {"selector": 1}}),
        ("HTTPRoute", {"spec": []}),
        ("Pod", {"spec": {"containers": [{"livenessProbe": 1}]}}),
    ],
)
def test_what_is_no_such_object_is_an_error_of_type(kind, parts):
    with pytest.raises(TypeError):
        uses(kind, **parts)
