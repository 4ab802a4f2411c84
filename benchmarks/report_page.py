"""`python -m benchmarks.report_page [--copies 57]`: how large is the page, how fast is it written and ready to use?

The view of the demo capture, and the same many times over under other namespaces: 57 copies are about 2,000 groups and
12,000 edges. Times in the browser are from opening the file to the first view, and for other pages from the click.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import resource
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from recommender import recommend
from recommender.report import build_view, render_html

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DEMO: Final = Path(__file__).parents[1] / "data" / "demo"
PAGES: Final = ("review", "matrix", "map", "edges", "groups", "exposure", "confidence")
_IDENTIFIER: Final = re.compile(r"[0-9a-f]{12}")
_MANY: Final = ("workloads", "groups", "edges", "policies", "quarantine", "gaps")


def main(arguments: Sequence[str] | None = None) -> None:
    """Make both views, write them, open them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report_page", description=__doc__)
    parser.add_argument("--copies", type=int, default=57)
    options = parser.parse_args(arguments)
    demo = build_view(recommend(sorted(DEMO.glob("*.log.gz")), inventory=DEMO / "inventory.json"))
    print("| view | groups | edges | page | written in | first view | " + " | ".join(PAGES) + " |")
    print("|---" * (6 + len(PAGES)) + "|")
    for name, view in (("demo", demo), (f"{options.copies} times", many_times(demo, options.copies))):
        print(_row(name, view))
    print(f"\nPeak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


def many_times(view: dict[str, Any], copies: int) -> dict[str, Any]:
    """The view with everything that numbers with groups repeated under namespaces of other names."""
    namespaces = sorted({group["namespace"] for group in view["groups"]}, key=len, reverse=True)
    pattern = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, namespaces))})(?=/|$)")
    others = [_renamed(view, pattern, place) for place in range(1, copies)]
    found = {**view, **{key: [item for one in (view, *others) for item in one[key]] for key in _MANY}}
    reach = view["answers"]["reach"]
    groups = [item for one in (view, *others) for item in one["answers"]["reach"]["groups"]]
    return {**found, "answers": {**view["answers"], "reach": {**reach, "groups": groups}}}


def _renamed(node: Any, pattern: re.Pattern[str], place: int) -> Any:
    if isinstance(node, dict):
        return {key: _renamed(value, pattern, place) for key, value in node.items()}
    if isinstance(node, list):
        return [_renamed(value, pattern, place) for value in node]
    if not isinstance(node, str):
        return node
    if _IDENTIFIER.fullmatch(node):
        return hashlib.blake2b(f"{node} {place}".encode(), digest_size=6).hexdigest()
    return pattern.sub(rf"\1-{place:02}", node)


def _row(name: str, view: dict[str, Any]) -> str:
    began = time.perf_counter()
    html = render_html(view)
    written = time.perf_counter() - began
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        path = Path(temporary) / "report.html"
        path.write_text(html, encoding="utf-8")
        times = " | ".join(_times_in_browser(path))
    size = len(html.encode()) / 1e6
    groups, edges = (f"{len(view[key]):,}" for key in ("groups", "edges"))
    return f"| {name} | {groups} | {edges} | {size:.2f} MB | {written:.2f} s | {times} |"


def _times_in_browser(path: Path) -> Iterator[str]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a dependency of the tests only

    chromium = shutil.which("chromium")
    if chromium is None:
        yield from ["no Chromium"] * (1 + len(PAGES))
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        began = time.perf_counter()
        page.goto(f"file://{path}")
        page.wait_for_selector("html[data-ready]")
        yield f"{time.perf_counter() - began:.2f} s"
        for name in PAGES:
            began = time.perf_counter()
            page.evaluate("(hash) => { delete document.documentElement.dataset.shown; location.hash = hash }", name)
            page.wait_for_selector("html[data-shown]", timeout=120_000)
            yield f"{time.perf_counter() - began:.2f} s"
        browser.close()


if __name__ == "__main__":
    main()
