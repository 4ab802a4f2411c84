import pytest

from recommender.errors import InvalidPolicyError
from recommender.model.manifest import Manifest
from recommender.semantics.policy_files import read_policy_files
from recommender.semantics.rule_text import rule_text, sources_by_policy

TEXT = """\
kind: Service
metadata: {name: s}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: db
spec:
  podSelector: {}
  ingress:
    # why this is here
    # and that
    - from:
        # inner comment
        - podSelector: {}

      ports:
        - port: 80
    # the next one
    - {from: [{podSelector: {}}]}
"""
JSON = '{"kind": "List", "items": [{"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", '
JSON += '"metadata": {"name": "j", "namespace": "a"}, "spec": {"endpointSelector": {}, "egress": [{}]}}]}'


def sources(*texts):
    manifests = [Manifest(path=f"{number}.yaml", policy="", text=text) for number, text in enumerate(texts)]
    return sources_by_policy(read_policy_files(manifests).sources)


def test_a_rule_stands_with_its_line_its_comments_and_its_lines():
    found = rule_text(sources(TEXT), "NetworkPolicy/default/db", "spec.ingress[0]")
    assert (found.file, found.line) == ("0.yaml", 13)
    assert found.comments == ("why this is here", "and that")
    assert found.text == ("from:", "  - podSelector: {}", "ports:", "  - port: 80")


def test_a_rule_in_flow_style():
    found = rule_text(sources(TEXT), "NetworkPolicy/default/db", "spec.ingress[1]")
    assert (found.line, found.comments) == (20, ("the next one",))
    assert found.text == ("{from: [{podSelector: {}}]}",)


def test_lists_in_json_are_read_too():
    found = rule_text(sources(JSON), "CiliumNetworkPolicy/a/j", "spec.egress[0]")
    assert (found.line, found.text) == (1, ("{}",))


def test_other_kinds_are_skipped_and_counted():
    files = read_policy_files([Manifest(path="a", policy="", text=TEXT + "---\n---\nfoo: 1\n")])
    assert files.skipped == (("Service", 1), ("no kind", 1))
    assert len(files.documents) == 1


def test_what_does_not_exist_has_no_text():
    assert rule_text(sources(TEXT), "NetworkPolicy/default/other", "spec.ingress[0]") is None
    assert rule_text(sources(TEXT), "NetworkPolicy/default/db", "spec.ingress[7]") is None


def test_a_policy_kind_that_cannot_be_judged_is_refused_with_its_file():
    text = "apiVersion: crd.antrea.io/v1beta1\nkind: ClusterNetworkPolicy\nmetadata: {name: x}\n"
    with pytest.raises(InvalidPolicyError, match=r"0\.yaml"):
        sources(text)


@pytest.mark.parametrize("text", ["a: [", "- 1\n", "a: 1\na: 2\n"])
def test_what_is_no_document_is_refused(text):
    with pytest.raises(InvalidPolicyError):
        sources(text)


def test_of_several_clusters_the_right_document_is_shown():
    def policy(cluster):
        annotation = f"annotations: {{netpol-recommend/cluster: {cluster}}}"
        return TEXT.partition("---\n")[2].replace("name: db", f"name: db\n  {annotation}")

    found = rule_text(sources(policy("a"), policy("b")), "NetworkPolicy/default/db", "spec.ingress[0]", cluster="b")
    assert found.file == "1.yaml"
