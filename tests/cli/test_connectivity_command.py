import csv
import io
import json

from tests.cli.judging_samples import REPORT, cluster, run

__all__ = ["cluster", "run"]


def connectivity(run, *arguments):
    return run("connectivity", "policies", "--inventory", "inventory.json", *arguments)


def test_the_text_lists_what_is_open_and_counts_it(run):
    code, out, _ = connectivity(run)
    assert code == 0
    assert ("shop/StatefulSet/web\n  -> fqdn:api.example.com  TCP/443\n  -> shop/StatefulSet/db  TCP/5432\n") in out
    assert "world\n  -> shop/StatefulSet/lone  all\n  -> shop/StatefulSet/web  TCP/8443\n" in out
    assert "workloads: 3\npairs of workloads: 9\npairs that may talk: 3\npairs without restriction: 2\n" in out
    assert "not isolated for ingress: shop/StatefulSet/lone\n" in out
    assert "not isolated for egress: shop/StatefulSet/db, shop/StatefulSet/lone\n" in out


def test_json_and_csv_hold_the_same_reaches(run):
    found = json.loads(connectivity(run, "--format", "json")[1])
    table = list(csv.DictReader(io.StringIO(connectivity(run, "--format", "csv")[1])))
    assert [(row["from"], row["to"], row["ports"]) for row in table] == [
        (reach["from"], reach["to"], reach["text"]) for reach in found["reaches"]
    ]
    assert found["counts"]["pairs_that_may_talk"] == 3
    web_to_db = next(r for r in found["reaches"] if (r["from"], r["to"]) == tuple(_ends("web", "db")))
    assert web_to_db["ports"] == [{"protocol": "TCP", "low": 5432, "high": 5432, "proxied": False}]


def _ends(*names):
    return (f"shop/StatefulSet/{name}" for name in names)


def test_dot_quotes_every_name(run):
    out = connectivity(run, "--format", "dot")[1]
    assert out.startswith("digraph connectivity {\n")
    assert '  "shop/StatefulSet/web" -> "shop/StatefulSet/db" [label="TCP/5432"];\n' in out
    assert out.endswith("}\n")


def test_hostile_names_stay_text(cluster, run):
    report = json.loads(json.dumps(REPORT).replace('"shop/', '"=shop/').replace('"shop"', '"=shop"'))
    report["workloads"][0]["end"]["name"] = 'we"b\u202e\\'
    (cluster / "recommendation.json").write_text(json.dumps(report), encoding="utf-8")
    table = list(csv.reader(io.StringIO(run("connectivity", "policies", "--format", "csv")[1])))
    assert all(not cell.startswith("=") for row in table for cell in row)
    dot = run("connectivity", "policies", "--format", "dot")[1]
    assert '"=shop/StatefulSet/we\\"b\\\\u202e\\\\"' in dot
    assert "\u202e" not in dot


def test_without_workloads_there_is_no_map(run):
    code, _, err = run("connectivity", "policies")
    assert code == 2
    assert "no workloads are known" in err
