from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from recommender.cli.document import commands_markdown
from recommender.cli.main import COMMANDS, netpol_recommend

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"


def test_the_page_is_what_the_program_prints():
    assert PAGE.read_text(encoding="utf-8") == commands_markdown(), "run make docs"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_section_with_usage_and_options(command):
    section = commands_markdown().split(f"## netpol-recommend {command}\n")[1].split("\n## ")[0]
    assert f"Usage: netpol-recommend {command}" in section
    assert "--help" in section


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_called_without_its_group_offers_both_spellings_of_help(command):
    """Whichever test calls a command first must not decide what its help says afterwards."""
    found = netpol_recommend.get_command(click.Context(netpol_recommend), command)
    assert found is not None
    result = CliRunner().invoke(found, ["-h"])
    assert result.exit_code == 0
    assert "-h, --help" in result.output
