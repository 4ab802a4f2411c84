"""Same flows shuffled, repeated and split over files: the same bytes."""

import gzip
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender import recommend
from recommender.report import build_view, render_html, render_json
from tests.simulator import random_cluster, simulate


class Lines(list):
    """All lines of a capture, with a short name for test reports."""

    def __repr__(self):
        return f"<{len(self)} lines>"


@pytest.fixture(scope="module")
def lines():
    simulation = simulate(random_cluster(3, "small"), days=1.2, seed=3, events="sparse", rate=0.4)
    return Lines(simulation.lines())


def outputs(recommendation):
    return {manifest.path: manifest.text for manifest in recommendation.manifests}


@pytest.fixture(scope="module")
def expected(lines, tmp_path_factory):
    path = tmp_path_factory.mktemp("plain") / "events.log"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    recommendation = recommend(path)
    assert len(recommendation.manifests) > 5
    return recommendation


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), files=st.integers(1, 4), repeated=st.floats(0, 0.5))
def test_order_repeats_and_files_change_no_byte(*, lines, expected, tmp_path_factory, seed, files, repeated):
    chance = random.Random(seed)
    shuffled = [*lines, *chance.sample(lines, int(len(lines) * repeated))]
    chance.shuffle(shuffled)
    directory = tmp_path_factory.mktemp("split")
    for number in range(files):
        data = ("\n".join(shuffled[number::files]) + "\n").encode()
        if number % 2:
            (directory / f"events-{number}.log.gz").write_bytes(gzip.compress(data, mtime=0))
        else:
            (directory / f"events-{number}.log").write_bytes(data)
    assert outputs(recommend(directory)) == outputs(expected)


def test_two_runs_give_the_same_json_and_html(lines, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "events.log").write_text("\n".join(lines) + "\n", encoding="utf-8")
    view, again = (build_view(recommend("events.log")) for _ in range(2))
    assert render_json(again) == render_json(view)
    assert render_html(again) == render_html(view)
