from recommender.dialect.text_change import changed_lines

NOW = {
    "apiVersion": "cilium.io/v2",
    "kind": "CiliumNetworkPolicy",
    "metadata": {"name": "web-1", "namespace": "shop", "labels": {"a": "b"}, "annotations": {"x/group": "shop/web"}},
    "spec": {
        "endpointSelector": {"matchLabels": {"k8s:app": "web"}},
        "enableDefaultDeny": {"ingress": True, "egress": False},
        "ingress": [{"fromEndpoints": [{}], "toPorts": [{"ports": [{"port": "80", "protocol": "TCP"}]}]}],
    },
}


def test_what_an_api_server_adds_and_reorders_is_no_change():
    served = {
        "spec": dict(sorted(NOW["spec"].items())),
        "kind": NOW["kind"],
        "apiVersion": NOW["apiVersion"],
        "status": {"conditions": []},
        "metadata": {
            **NOW["metadata"],
            "uid": "0",
            "resourceVersion": "17",
            "creationTimestamp": "2026-11-01T00:00:00Z",
            "managedFields": [{}],
            "annotations": {"x/group": "shop/web", "kubectl.kubernetes.io/last-applied-configuration": "{}"},
        },
    }
    assert changed_lines(served, NOW) == ()


def test_a_port_that_came_is_an_added_line():
    ports = [{"port": "80", "protocol": "TCP"}, {"port": "443", "protocol": "TCP"}]
    more = {**NOW, "spec": {**NOW["spec"], "ingress": [{"fromEndpoints": [{}], "toPorts": [{"ports": ports}]}]}}
    lines = changed_lines(NOW, more)
    assert lines[:2] == ("--- in the cluster", "+++ now")
    assert [line.strip() for line in lines if line.startswith("+ ")] == [
        '+            - port: "443"',
        "+              protocol: TCP",
    ]
    assert not [line for line in lines if line.startswith("- ")]


def test_a_text_of_others_stays_one_line():
    odd = {**NOW, "metadata": {**NOW["metadata"], "labels": {"a": "b\n+ spec: {}\n"}}}
    assert all("\n" not in line for line in changed_lines(NOW, odd))
