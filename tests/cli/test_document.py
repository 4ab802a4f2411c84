from pathlib import Path

import pytest

from recommender.cli.document import commands_markdown
from recommender.cli.main import COMMANDS

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"


def test_the_page_is_what_the_program_prints():
    assert PAGE.read_text(encoding="utf-8") == commands_markdown(), "run make docs"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_section_with_usage_and_options(command):
    section = commands_markdown().split(f"## netpol-recommend {command}\n")[1].split("\n## ")[0]
    assert f"Usage: netpol-recommend {command}" in section
    assert "--help" in section
