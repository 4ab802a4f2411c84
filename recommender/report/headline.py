"""The verdict in a few words, for the top of the page."""

from __future__ import annotations

from typing import Any


def headline(view: dict[str, Any]) -> dict[str, str]:
    """What should a reviewer do with this run as a whole? `state` is `yes`, `with-care` or `not-yet`."""
    answers = view["answers"]
    if not view["proof"]["holds"]:
        text = "The replay proof fails: needed traffic would break."
        return {"state": "not-yet", "title": "Do not apply", "text": text}
    match answers["trust"]["verdict"]:
        case "not yet":
            text = "What was seen passes, but the capture missed too much to be sure that it is all."
            return {"state": "not-yet", "title": "Do not enforce yet", "text": text}
        case "with care":
            text = "Apply it namespace by namespace with audit mode on, and watch what would be denied."
            return {"state": "with-care", "title": "Stage it", "text": text}
        case _:
            text = "Nothing about the capture speaks against it. Approve, roll out wave by wave, keep a way back."
            return {"state": "yes", "title": "Ready to enforce", "text": text}
