"""HTTP evidence by hand: kinds of requests, and edges that carry them."""

from __future__ import annotations

from recommender.model.http_path import MARK, PathTemplate
from recommender.model.http_request import HttpCut, HttpEvidence, HttpKind, HttpSample
from tests.policy.scene import edge, end

WEB = end("shop", "web")
API = end("shop", "api")
ORDERS = f"/orders/{MARK}i"


def kind(method, *paths, shape="", each=1, **changes) -> HttpKind:
    """Requests for these paths, `each` times; answered with success unless told otherwise."""
    requests = each * len(paths)
    given = {
        "method": method,
        "template": PathTemplate(shape=shape or paths[0]),
        "requests": requests,
        "paths": len(paths),
        "samples": tuple(HttpSample(path=path, requests=each) for path in sorted(paths)[:10]),
        "responses": requests,
    }
    return HttpKind(**(given | changes))


def orders(method, *numbers, **changes) -> HttpKind:
    return kind(method, *(f"/orders/{number}" for number in numbers), shape=ORDERS, **changes)


def turned_away(method, *paths, each=1, **changes) -> HttpKind:
    return kind(method, *paths, each=each, turned_away=each * len(paths), **changes)


def http(*kinds, **changes) -> HttpEvidence:
    given = {
        "kinds": kinds, "connections": 12, "requested": 12, "packets": 12, "hours": 5, "requested_hours": 5,
        "cut": HttpCut(),
    }  # fmt: skip
    return HttpEvidence(**(given | changes))


def asking(*kinds, client=WEB, server=API, port=8080, policies=(), **changes):
    """An edge with these requests."""
    return edge(client, server, port, http=http(*kinds, **changes), policies=policies)
