"""The page on choosing a level shows what the program says of the shipped capture."""

import re
from pathlib import Path

import pytest

from recommender import Settings, recommend
from recommender.model.granularity import Granularity
from recommender.report import build_view

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "granularity.md"
ROW = re.compile(r"\| `(?P<flags>--[^`]+)` \| (?P<policies>\d+) \| (?P<pairs>\d+) \| (?P<open>\d+) \|")
SETTINGS = {
    "--minimum-viable": Settings(minimum_viable=True),
    "--granularity namespace": Settings(granularity=Granularity.NAMESPACE),
    "--granularity namespace --sensitive payments": Settings(
        granularity=Granularity.NAMESPACE, sensitive=("payments",)
    ),
    "--granularity group": Settings(),
}
ROWS = {match["flags"]: match for match in ROW.finditer(PAGE.read_text(encoding="utf-8"))}


def test_every_row_is_tried():
    assert ROWS.keys() == SETTINGS.keys()


@pytest.mark.parametrize("flags", SETTINGS)
def test_the_figures_are_the_programs(flags):
    demo = ROOT / "data" / "demo"
    result = recommend(sorted(demo.glob("*.log.gz")), SETTINGS[flags], inventory=demo / "inventory.json")
    reach = build_view(result)["answers"]["reach"]
    row = ROWS[flags]
    assert (len(result.policies), reach["workload_pairs_after"], len(result.proof.still_open)) == (
        int(row["policies"]),
        int(row["pairs"]),
        int(row["open"]),
    )
    assert (reach["workload_pairs_before"], result.proof.needed) == (997, 108)
