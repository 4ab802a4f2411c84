import json

import pytest
import yaml
from click.testing import CliRunner

from recommender import recommend, write_report
from recommender.cli.main import netpol_recommend
from recommender.errors import UsageError
from tests.pipeline.conftest import DEMO


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rollout")
    write_report(recommend(sorted(DEMO.glob("*.log.gz")), inventory=DEMO / "inventory.json"), folder / "demo")
    arguments = ["rollout", str(folder / "demo"), "--environments", "dev=shop-dev", "--production", "stage"]
    result = CliRunner().invoke(netpol_recommend, arguments)
    assert result.exit_code == 0, result.output
    return folder, result.stdout


def test_every_wave_has_what_a_person_needs(written):
    folder, out = written
    plan = json.loads((folder / "demo-rollout" / "plan.json").read_text())
    assert "needed edges pass at each" in out
    for wave in plan["waves"]:
        place = folder / "demo-rollout" / wave["name"]
        kustomization = yaml.safe_load((place / "kustomization.yaml").read_text())
        assert kustomization["resources"] == wave["objects"]
        for name in (*wave["objects"], *wave["guards"]):
            assert yaml.safe_load_all((place / name).read_text())
        readme = (place / "README.md").read_text()
        assert "kubectl apply -k ." in readme
        assert "## Back" in readme
        if wave["policies"]:
            assert f"more than {wave['stop_above']}**" in readme
            assert "hubble observe --verdict " in readme
            assert "increase(hubble_" in readme
        assert ("enableDefaultDeny: false" in readme) == (wave["audit"] == "shadow policies")


def test_the_way_back_names_every_object(written):
    folder, _ = written
    for wave in sorted((folder / "demo-rollout").glob("0*")):
        objects = yaml.safe_load((wave / "kustomization.yaml").read_text())["resources"]
        deleted = wave / "rollback" / "delete.yaml"
        restored = wave / "rollback" / "kustomization.yaml"
        count = len(list(yaml.safe_load_all(deleted.read_text()))) if deleted.exists() else 0
        count += len(yaml.safe_load(restored.read_text())["resources"]) if restored.exists() else 0
        assert count == sum(len(list(yaml.safe_load_all((wave / name).read_text()))) for name in objects)


def test_the_same_report_gives_the_same_bytes_and_replaces_its_own(written):
    folder, _ = written
    target = folder / "demo-rollout"
    before = {path: path.read_bytes() for path in sorted(target.rglob("*")) if path.is_file()}
    arguments = ["rollout", str(folder / "demo"), "--environments", "dev=shop-dev", "--production", "stage"]
    assert CliRunner().invoke(netpol_recommend, arguments).exit_code == 0
    assert {path: path.read_bytes() for path in sorted(target.rglob("*")) if path.is_file()} == before


def test_a_folder_of_others_stays(written):
    folder, _ = written
    (folder / "mine").mkdir(exist_ok=True)
    (folder / "mine" / "notes").write_text("x")
    result = CliRunner().invoke(netpol_recommend, ["rollout", str(folder / "demo"), "-o", str(folder / "mine")])
    assert isinstance(result.exception, UsageError)
    assert [path.name for path in (folder / "mine").iterdir()] == ["notes"]


def test_manifests_alone_are_no_report(written, tmp_path):
    folder, _ = written
    policy = next((folder / "demo" / "policies" / "shop").glob("*.yaml"))
    (tmp_path / "p.yaml").write_text(policy.read_text())
    result = CliRunner().invoke(netpol_recommend, ["rollout", str(tmp_path)])
    assert isinstance(result.exception, UsageError)
    assert "is no report" in str(result.exception)
