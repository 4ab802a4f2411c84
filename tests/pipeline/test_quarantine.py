"""Quarantined edges of the shipped capture: held back where nothing applies them, each with a proved way out."""

import yaml

from recommender.model.disposition import Disposition
from recommender.report.files import write_report


def test_every_quarantined_edge_is_held_and_its_release_is_proved(demo_recommendation):
    quarantined = [
        item.edge.edge_id for item in demo_recommendation.edges if item.decided.disposition is Disposition.QUARANTINED
    ]
    held = demo_recommendation.quarantine.edges
    assert [one.edge_id for one in held] == quarantined
    assert len(held) > 80
    stopped = {one.reason for one in held if one.manifests and not one.allows}
    assert all("deny rule" in reason for reason in stopped)
    assert sum(one.allows for one in held) > 80
    assert all(bool(one.manifests) != bool(one.obstacle) for one in held)


def test_no_directory_apply_and_no_kustomization_takes_them(demo_recommendation, tmp_path):
    write_report(demo_recommendation, tmp_path / "out")
    applied = [path for path in (tmp_path / "out").rglob("*") if path.suffix in {".yaml", ".yml"}]
    assert applied
    names = {
        document["metadata"]["name"]
        for path in applied
        if path.name != "kustomization.yaml"
        for document in yaml.safe_load_all(path.read_text())
    }
    assert not any(name.startswith("release-") for name in names)
    kustomization = yaml.safe_load((tmp_path / "out/policies/kustomization.yaml").read_text())
    assert not any("quarantine" in entry or entry.endswith(".held") for entry in kustomization["resources"])
    files = list((tmp_path / "out/quarantine").rglob("*.yaml.held"))
    assert {str(path.relative_to(tmp_path / "out")) for path in files} == {
        file.path for file in demo_recommendation.quarantine.files
    }
    written = [document for path in files for document in yaml.safe_load_all(path.read_text()) if document]
    assert len(written) == sum(len(one.manifests) for one in demo_recommendation.quarantine.edges)
