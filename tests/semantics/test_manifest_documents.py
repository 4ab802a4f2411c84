import pytest

from recommender.errors import InvalidPolicyError
from recommender.model.manifest import Manifest
from recommender.semantics.manifest_documents import read_manifests


def manifest(text):
    return Manifest(path="policies/shop/web.yaml", policy="web", text=text)


def test_every_document_of_every_manifest_is_read():
    read = read_manifests([manifest("kind: A\n---\n---\nkind: B\n"), manifest("# nothing but a comment\n")])
    assert [item.document for item in read] == [{"kind": "A"}, {"kind": "B"}]


@pytest.mark.parametrize(
    ("metadata", "cluster"),
    [
        ("{annotations: {netpol-recommend/cluster: west}}", "west"),
        ("{annotations: {other: west}}", ""),
        ("{name: x}", ""),
        ("[]", ""),
        ("{annotations: {netpol-recommend/cluster: 5}}", ""),
    ],
)
def test_the_cluster_comes_from_an_annotation(metadata, cluster):
    assert read_manifests([manifest(f"metadata: {metadata}")])[0].cluster == cluster


@pytest.mark.parametrize(
    "text",
    [
        "a: [",
        "- a list",
        "just text",
        "a: 1\na: 2",
        "a: {b: 1, c: 2, b: 3}",
        "a: 2024-99-99",
        "a: !!python/object/apply:os.getcwd []",
    ],
)
def test_refusals_name_the_file(text):
    with pytest.raises(InvalidPolicyError) as caught:
        read_manifests([manifest(text)])
    assert caught.value.where == "policies/shop/web.yaml"
