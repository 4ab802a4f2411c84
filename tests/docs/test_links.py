"""Links between pages lead somewhere, also where the Markdown is read without a site."""

import re

import pytest

from tests.docs.pages import ROOT, pages

BESIDE = [
    ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "deploy/README.md", "data/README.md")
]
LINK = re.compile(r"\[[^\]]*\]\((?!https?:)([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def prose(page):
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def anchor(heading):
    """A heading's anchor, as code hosts make it: lower case, marks dropped, dashes for spaces."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("page", [*pages(), *BESIDE], ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_and_headings(page):
    broken = []
    for link in LINK.findall(prose(page)):
        path, _, fragment = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (fragment and fragment not in map(anchor, HEADING.findall(prose(target)))):
            broken.append(link)
    assert broken == []


def test_links_go_to_pages_and_not_to_folders():
    """A site has no listing of a folder."""
    found = {link: page.name for page in pages() for link in LINK.findall(prose(page)) if link.endswith("/")}
    assert found == {}
