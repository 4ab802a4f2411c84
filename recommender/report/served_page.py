"""The report's page as `netpol-recommend review` hands it out: it saves decisions and starts from the saved ones."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from recommender.report.html import NO_NETWORK
from recommender.report.libraries import pack
from recommender.report.view_decisions import told_view

if TYPE_CHECKING:
    from recommender.model.decision import Decisions

OWN_ADDRESS: Final = "connect-src 'self'"
_POLICY: Final = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
_DATA: Final = '<script type="application/octet-stream" id="page-data">'
_NO_ICON: Final = '<link rel="icon" href="data:,">'
"""Without it browsers ask for /favicon.ico, which is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedPage:
    """The page and the policy that its response carries as a header too."""

    text: str
    content_security_policy: str


def served_page(page: str, decisions: Decisions) -> ServedPage | None:
    """The text of a report.html, changed in two places, or None if it is none that can be served.

    Its Content-Security-Policy allows connections to its own address instead of none, and a data block, packed as the
    others are, holds what stands in the decisions file. All other bytes stay. Text from a capture cannot be mistaken
    for either place: it is escaped, or packed.
    """
    found = _POLICY.search(page)
    if found is None or page.count(_DATA) != 1:
        return None
    policy = html.unescape(found[1])
    if policy.split("; ").count(NO_NETWORK) != 1:
        return None
    policy = policy.replace(NO_NETWORK, OWN_ADDRESS)
    meta = f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy)}">{_NO_ICON}'
    told = told_view(decisions) if decisions.given else None
    block = pack(json.dumps({"digest": decisions.digest, "told": told}, sort_keys=True))
    text = f"{page[: found.start()]}{meta}{page[found.end() :]}"
    served = f'<script type="application/octet-stream" id="served-decisions">{block}</script>\n'
    return ServedPage(
        text=text.replace(_DATA, f"{served}{_DATA}"), content_security_policy=f"{policy}; frame-ancestors 'none'"
    )
