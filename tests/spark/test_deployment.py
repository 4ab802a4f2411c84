"""The manifests of a run on Kubernetes: well-formed, without rights beyond their namespace, and true to the program."""

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from recommender.cli.recommend import recommend

DEPLOY = Path(__file__).parents[2] / "deploy" / "spark"


@pytest.fixture(scope="module")
def documents():
    return list(yaml.safe_load_all((DEPLOY / "job.yaml").read_text(encoding="utf-8")))


def one(documents, kind):
    (found,) = (item for item in documents if item["kind"] == kind)
    return found


def spark_settings(documents):
    text = one(documents, "ConfigMap")["data"]["spark-defaults.conf"]
    return dict(line.split(maxsplit=1) for line in text.splitlines())


def test_nothing_reaches_beyond_the_namespace(documents):
    assert {item["kind"] for item in documents}.isdisjoint({"ClusterRole", "ClusterRoleBinding"})
    namespace = one(documents, "Namespace")["metadata"]["name"]
    assert {item["metadata"]["namespace"] for item in documents if item["kind"] != "Namespace"} == {namespace}
    assert spark_settings(documents)["spark.kubernetes.namespace"] == namespace


def test_nobody_is_root(documents):
    pod = one(documents, "Job")["spec"]["template"]["spec"]
    executor = yaml.safe_load(one(documents, "ConfigMap")["data"]["executor.yaml"])["spec"]
    for spec in (pod, executor):
        assert spec["securityContext"]["runAsNonRoot"] is True
        for container in spec["containers"]:
            assert container["securityContext"]["allowPrivilegeEscalation"] is False
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert "\nUSER 65532:65532\n" in (DEPLOY / "Dockerfile").read_text(encoding="utf-8")


def test_executors_find_the_driver(documents):
    settings, service = spark_settings(documents), one(documents, "Service")
    assert settings["spark.driver.host"].split(".")[0] == service["metadata"]["name"]
    assert {str(port["port"]) for port in service["spec"]["ports"]} == {
        settings["spark.driver.port"],
        settings["spark.driver.blockManager.port"],
    }
    labels = one(documents, "Job")["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"].items() <= labels.items()


def test_the_command_has_these_flags(documents):
    (container,) = one(documents, "Job")["spec"]["template"]["spec"]["containers"]
    shown = CliRunner().invoke(recommend, ["--help"]).output
    assert [flag for flag in container["args"] if flag.startswith("--") and flag.split("=")[0] not in shown] == []
