"""The report as one HTML file that needs nothing else."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from recommender.report.html_filters import FILTERS, shown
from recommender.report.libraries import libraries, source_hash
from recommender.report.page import page_context
from recommender.report.page_data import packed_page_data

MODULES: Final = (
    "dom", "words", "store", "route", "table", "chart", "drafts", "decisions_file", "decision_box", "evidence",
    "yaml_view", "page_review", "page_policies", "page_matrix", "matrix_picture", "page_map", "map_picture",
    "page_groups", "page_edges", "page_findings", "measured", "page_confidence", "page_timeline", "page_exposure",
    "keys", "main",
)  # fmt: skip
"""The page's own script, in the order in which its parts stand in one file."""

_TOGETHER: Final = 500
"""Pieces of a template that are joined."""

STYLES: Final = ("base", "layout", "parts", "pages", "print")

NO_NETWORK: Final = "connect-src 'none'"
"""The part of the policy that `netpol-recommend review` widens to its own address, so that decisions can be saved."""


def render_html(view: dict[str, Any]) -> str:
    """The view as one offline page; see `html_pieces`."""
    return "".join(html_pieces(view))


def html_pieces(view: dict[str, Any]) -> list[str]:
    """The view as one offline page, in pieces: as one text it would be there several times while it is written.

    All text from the capture is escaped or stands in a packed data block. The Content-Security-Policy (Level 3) lets
    only scripts run whose hash it names and forbids every connection; style attributes are forbidden, style elements
    are not, because BokehJS makes them.
    """
    early, script = early_script(), page_script()
    page = (
        _environment()
        .get_template("report.html.j2")
        .stream(
            style=Markup(page_style()),  # noqa: S704 - our own style sheet
            early_script=Markup(early),  # noqa: S704 - our own script
            script=Markup(script),  # noqa: S704 - our own script
            libraries=libraries(),
            data=Markup(packed_page_data(view)),  # noqa: S704 - base64
            content_security_policy=_policy(early, script),
            **page_context(view),
        )
    )
    page.enable_buffering(_TOGETHER)
    return list(page)


@cache
def page_script() -> str:
    """The modules as one script with one scope of its own."""
    parts = "\n".join(_asset(f"{name}.js") for name in MODULES)
    return f'(() => {{\n"use strict";\n{parts}\n}})();\n'


@cache
def early_script() -> str:
    """What runs before the first paint: the theme, and that scripts run at all."""
    return _asset("early.js")


@cache
def page_style() -> str:
    """The style sheets as one."""
    return "\n".join(_asset(f"{name}.css") for name in STYLES)


def _asset(name: str) -> str:
    return resources.files("recommender.report").joinpath("assets", name).read_text(encoding="utf-8")


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("recommender.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(FILTERS)
    return environment


def _policy(*own: str) -> str:
    scripts = " ".join((*map(source_hash, own), *(library.source_hash for library in libraries())))
    return (
        f"default-src 'none'; script-src {scripts}; style-src-elem 'unsafe-inline'; style-src-attr 'none'; "
        f"img-src data: blob:; {NO_NETWORK}; base-uri 'none'; form-action 'none'"
    )
