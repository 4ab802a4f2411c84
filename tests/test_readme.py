"""What the README shows is what the program prints."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from recommender.cli.main import COMMANDS
from tests.readme_excerpt import excerpt

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(name):
    found = re.search(rf"<!-- {name} -->\n```\n(.*?)```\n<!-- end of {name} -->", README, re.DOTALL)
    assert found, f"the README has no block {name}"
    return found.group(1)


def test_the_excerpt_is_the_sample_reports_own_summary():
    assert block("excerpt") == excerpt()


def test_the_help_block_is_the_programs_own_help():
    command = [sys.executable, "-m", "recommender", "--help"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert block("help").strip() == printed.replace("python -m recommender", "netpol-recommend").strip()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme(command):
    assert re.search(rf"^\s+{command}\b", block("help"), re.MULTILINE)


def test_linked_files_exist():
    links = re.findall(r"\]\((?!https?://)([^)#]+)", README)
    assert len(links) > 5
    assert [link for link in links if not (ROOT / link).exists()] == []
