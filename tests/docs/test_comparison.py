"""The comparison's figures are those of the pages whose commands print them, and its claims have sources."""

import re

from tests.docs.pages import DOCS

PAGE = (DOCS / "comparison.md").read_text(encoding="utf-8")
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


def test_figures_are_those_of_the_quality_page():
    head, measured = table(QUALITY, "figure")
    peer, more, ours = (
        head.index(name)
        for name in (
            "hubble-audit2policy, audit",
            "hubble-audit2policy, audit, more keys",
            "ours, cilium, with inventory",
        )
    )
    policies = measured["policies"]
    _, shown = table(PAGE, "figure")
    assert len(shown) == 5
    for name, row in shown.items():
        source = measured.get(name) or measured["… that select nothing"]
        for place, told in zip((peer, more, ours), row[1:], strict=True):
            expected = (
                f"{source[place]} of {policies[place]}" if "select nothing" in name and place != ours else source[place]
            )
            assert told.split(",")[0].split(" of 702")[0] == expected.split(" of 702")[0], name


def test_shares_among_the_limits_are_those_of_the_quality_page():
    head, measured = table(QUALITY, "figure")
    ours = head.index("ours, cilium, with inventory")
    told = re.findall(r"\d+\.\d %", (DOCS / "limits.md").read_text(encoding="utf-8"))
    names = ("all needed edges, seen or not, allowed", "needed edges that were seen, allowed")
    assert told == [measured[name][ours].split(" (")[0] for name in names]


def test_every_other_tool_has_a_section_with_a_source():
    sections = PAGE.split("\n## ")[2:-1]
    assert len(sections) >= 9
    assert [section.splitlines()[0] for section in sections if "](https://" not in section] == []


def test_sources_on_code_hosts_are_pinned_where_code_is_told():
    code = re.findall(r"https://github\.com/\S+?\.(?:go|py|yaml|mdx?)\b", PAGE)
    unpinned = {link for link in code if not re.search(r"/blob/[0-9a-f]{40}/", link)}
    assert {link for link in unpinned if "noexecstack/hubble-audit2policy" not in link} == set()
