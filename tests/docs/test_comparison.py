"""The comparison's figures are those of the pages whose commands print them, and its claims have sources."""

import os
import re

from tests.docs.pages import DOCS

COMPARISON = DOCS / "comparison.md"
PAGE = COMPARISON.read_text(encoding="utf-8")
COLUMNS = ("hubble-audit2policy, audit", "hubble-audit2policy, audit, more keys", "ours, cilium, with inventory")
QUALITY = (DOCS / "quality.md").read_text(encoding="utf-8")


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def table(text, first):
    """Rows by their first cell, of the table whose head begins so."""
    lines = text[text.index(f"| {first} |") :].splitlines()
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append(cells(line))
    return rows[0], {row[0]: row for row in rows[2:]}


def renewed():
    """The comparison with the figures that the quality page has; its rows and columns stay."""
    head, measured = table(QUALITY, "figure")
    places = [head.index(name) for name in COLUMNS]
    rows, page = [], PAGE
    for name, row in table(PAGE, "figure")[1].items():
        source = measured[name.replace("policies that", "… that")]
        figures = [source[place] for place in places]
        if name == "policies that select nothing":
            figures = [
                f"{figure} of {measured['policies'][place]}" for figure, place in zip(figures, places, strict=True)
            ]
        page = page.replace(f"| {' | '.join(row)} |", f"| {' | '.join((name, *figures))} |")
        rows.append(name)
    return rows, page


def test_figures_are_those_of_the_quality_page():
    rows, page = renewed()
    if os.environ.get("NETPOL_REFRESH_GOLDEN"):
        COMPARISON.write_text(page, encoding="utf-8")
        return
    assert len(rows) == 6
    assert page == PAGE, "NETPOL_REFRESH_GOLDEN=1 renews it"


def test_every_other_tool_has_a_section_with_a_source():
    sections = PAGE.split("\n## ")[2:-1]
    assert len(sections) >= 9
    assert [section.splitlines()[0] for section in sections if "](https://" not in section] == []


def test_sources_on_code_hosts_are_pinned_where_code_is_told():
    code = re.findall(r"https://github\.com/\S+?\.(?:go|py|yaml|mdx?)\b", PAGE)
    assert len(code) > 5
    assert [link for link in code if not re.search(r"/blob/[0-9a-f]{40}/", link)] == []
