"""The report as one HTML file that needs nothing else and runs nothing."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from recommender.report.html_filters import FILTERS, shown
from recommender.report.page import page_context


def render_html(view: dict[str, Any]) -> str:
    """The view as one offline page: no script, no external resource, styles allowed by their hash alone.

    All text from the capture is escaped; a content security policy stands behind that (CSP Level 3, hash sources).
    """
    environment = _environment()
    style = resources.files("recommender.report").joinpath("templates", "style.css").read_text(encoding="utf-8")
    page = environment.get_template("report.html.j2")
    # The digest covers exactly the bytes between <style> and </style>.
    return page.render(style=Markup(style), content_security_policy=_policy(style), **page_context(view))  # noqa: S704 - our own style sheet


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


def _policy(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
