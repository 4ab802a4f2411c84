"""The groups page: who behaves unlike the rest of its group."""

from dataclasses import replace

from recommender.report.html import render_html
from recommender.report.view import build_view
from tests.report.sample import sample_recommendation, workload_end
from tests.report.test_view_members import POOL


def test_an_outlier_stands_first_with_what_only_it_does(opening, tmp_path):
    recommendation = sample_recommendation()
    workloads = tuple(replace(recommendation.workloads[0], end=end) for end in POOL.members)
    shape = recommendation.edges[0]
    edge = replace(shape, edge=replace(shape.edge, client=workload_end("shop", "odd"), port=2222))
    told = replace(
        recommendation,
        groups=(*recommendation.groups, POOL),
        workloads=(*recommendation.workloads, *workloads),
        edges=(*recommendation.edges, edge),
    )
    path = tmp_path / "report.html"
    path.write_text(render_html(build_view(told)), encoding="utf-8")
    opened = opening(path)
    page = opened.go("groups?group=shop%2Fpool")
    rows = page.locator("#group-panel table tbody tr").all_inner_texts()
    assert ["odd" in rows[0], "a" in rows[1], "b" in rows[2], "nothing to compare" in rows[3]] == [True] * 4
    assert "▲ outlier 1.00" in rows[0]
    assert "alone: to " in rows[0]
    assert "TCP/2222" in rows[0]
    assert "0.50" in rows[1]
    assert "outlier" not in rows[1]
    page.evaluate("location.hash = '#groups?group=shop%2Fweb'")
    page.wait_for_function("document.querySelector('#group-panel h3').textContent === 'shop/web'")
    assert "Unlike the rest" not in page.locator("#group-panel").inner_text()
    opened.check()
