"""What the reviewer sees: one versioned view of a run, and the forms it is read in."""

from recommender.report.html import render_html
from recommender.report.json_form import render_json
from recommender.report.schema import view_schema
from recommender.report.summary import render_summary
from recommender.report.view import SCHEMA_VERSION, build_view

__all__ = ["SCHEMA_VERSION", "build_view", "render_html", "render_json", "render_summary", "view_schema"]
