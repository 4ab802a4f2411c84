"""Every page has its place in the site's navigation, and every place its page."""

import re

import yaml

from recommender.assess.codes import FINDINGS
from recommender.cli.main import COMMANDS
from recommender.rollout.codes import ROLLOUT_FINDINGS
from tests.docs.pages import DOCS, ROOT, pages


class Loader(yaml.SafeLoader):
    """Reads the configuration without importing what its tags name."""


Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda *_: None)
CONFIGURATION = yaml.load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"), Loader=Loader)  # noqa: S506 - a safe loader


def placed(entry):
    """The files of a navigation entry; a folder stands for its pages."""
    match entry:
        case str() if entry.endswith("/"):
            return sorted((DOCS / entry).glob("*.md"))
        case str():
            return [(DOCS / entry).resolve()]
        case dict():
            return [path for one in entry.values() for path in placed(one)]
    return [path for one in entry for path in placed(one)]


def test_every_page_is_in_the_navigation_once():
    found = placed(CONFIGURATION["nav"])
    assert sorted(path for path in found if path.is_relative_to(DOCS)) == pages()
    assert [path for path in found if not path.is_file()] == []


def test_nothing_is_fetched_by_configuration():
    assert CONFIGURATION["theme"]["font"] is False
    assert {"repo_url", "google_analytics"}.isdisjoint(CONFIGURATION)


def test_every_command_has_its_exit_codes():
    rows = re.findall(
        r"^\| `([a-z-]+)` \| (.+) \|$", (DOCS / "exit-codes.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert [name for name, _ in rows] == list(COMMANDS)


def test_every_hundred_of_findings_is_told():
    codes = {finding.code for finding in (*FINDINGS, *ROLLOUT_FINDINGS)}
    page = (DOCS / "concepts" / "gaps.md").read_text(encoding="utf-8")
    assert {f"{code[:4]}xx" for code in codes} <= set(re.findall(r"^\| (NPR\dxx) \|", page, re.MULTILINE))


def test_every_code_that_a_page_names_exists():
    known = set(
        re.findall(r"^\| (NPR\d{3}) \|", (DOCS / "findings" / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    named = {
        code: page.name for page in pages() for code in re.findall(r"\bNPR\d{3}\b", page.read_text(encoding="utf-8"))
    }
    assert {code: page for code, page in named.items() if code not in known} == {}
