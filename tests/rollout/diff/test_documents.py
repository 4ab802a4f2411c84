import yaml

from recommender.rollout.diff.documents import canonical_yaml, document_changes
from recommender.semantics.manifest_documents import ManifestDocument
from tests.semantics.samples import app, np


def of(*documents, cluster=""):
    return [ManifestDocument(path="p", cluster=cluster, document=document) for document in documents]


def test_only_what_means_something_is_a_change():
    one = np("web", podSelector=app("web"), ingress=[])
    other_order = {key: one[key] for key in reversed(one)}
    assert list(document_changes(of(one), of(other_order))) == []


def test_added_removed_and_changed_policies_come_with_their_lines():
    old = of(np("gone"), np("same"), np("web", podSelector=app("web")))
    new = of(np("same"), np("web", podSelector=app("www")), np("more"))
    found = {change.name: change for change in document_changes(old, new)}
    assert {name: change.change for name, change in found.items()} == {
        "NetworkPolicy/shop/gone": "removed",
        "NetworkPolicy/shop/more": "added",
        "NetworkPolicy/shop/web": "changed",
    }
    assert "-      app: web" in found["NetworkPolicy/shop/web"].text
    assert "+      app: www" in found["NetworkPolicy/shop/web"].text


def test_documents_of_two_clusters_are_told_apart():
    (change,) = document_changes(of(np("web"), cluster="a"), [*of(np("web"), cluster="a"), *of(np("web"), cluster="b")])
    assert (change.name, change.change) == ("NetworkPolicy/shop/web (cluster b)", "added")


def test_the_canonical_text_reads_back_and_cannot_act():
    hostile = {"a": 'x\u202e"\n--- evil\n', "b": [1, 2], "c": [1, 2]}
    text = canonical_yaml(hostile)
    assert yaml.safe_load(text) == hostile
    assert text.isascii()
    assert "&id" not in text
    assert "\n---" not in text
