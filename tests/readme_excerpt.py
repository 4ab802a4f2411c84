"""`python -m tests.readme_excerpt`: puts the sample report's summary into the README, without findings and files."""

from __future__ import annotations

import json
import re
from pathlib import Path

from recommender.report import render_summary

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
_BLOCK = re.compile(r"(<!-- excerpt -->\n```\n).*?(```\n<!-- end of excerpt -->)", re.DOTALL)
_LEFT_OUT = ("findings", "report", "data", "manifests", "quarantine")


def excerpt() -> str:
    """The paragraphs of the sample's summary but for those that list findings and files."""
    view = json.loads((ROOT / "reports" / "sample" / "recommendation.json").read_text(encoding="utf-8"))
    paragraphs = render_summary(view).strip().split("\n\n")
    return "\n\n".join(one for one in paragraphs if not one.startswith(_LEFT_OUT)) + "\n"


def main() -> None:
    """Rewrite the block between the README's markers."""
    text = README.read_text(encoding="utf-8")
    README.write_text(_BLOCK.sub(lambda found: found[1] + excerpt() + found[2], text), encoding="utf-8")


if __name__ == "__main__":
    main()
