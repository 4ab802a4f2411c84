from pathlib import Path

import pytest
import yaml

from tests.conformance.scenarios import compare, rows

TRAPS = Path(__file__).with_name("traps.yaml")


@pytest.mark.parametrize("row", tuple(rows(TRAPS)), ids=lambda row: row["Name"])
def test_trap(row, tmp_path):
    path = tmp_path / "trap.yaml"
    path.write_text(yaml.safe_dump(row), encoding="utf-8")
    tally = compare(path)
    assert tally.differences == (), row["Trap"]
    assert tally.asked > 0


def test_all_twenty_traps_have_a_scenario():
    assert {int(row["Name"].split("-")[1]) for row in rows(TRAPS)} == set(range(1, 21))
