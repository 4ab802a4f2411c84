"""Nodes whose flows are not in the capture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.codes import UNOBSERVED_NODES
from recommender.assess.gaps.report import counted, make_gap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap


def detect(context: GapContext) -> Iterator[Gap]:
    """Which nodes did Hubble Relay call unavailable, or run pods without ever reporting (hubble-quirks 13)?

    Node names are compared without the cluster in front, which Hubble adds and kubectl does not.
    """
    named = context.capture.unavailable_nodes
    if named:
        yield make_gap(
            UNOBSERVED_NODES,
            subject="nodes",
            reason=f"{counted(len(named), 'node')} named unavailable while flows were collected",
            count=len(named),
            examples=named,
            facts=named,
        )
    reporting = {_bare(coverage.node) for coverage in context.capture.nodes}
    running = {pod.node for pod in context.inventory.pods if pod.node}
    silent = sorted(node for node in running if _bare(node) not in reporting) if reporting else []
    if silent:
        yield make_gap(
            UNOBSERVED_NODES,
            subject="inventory",
            reason=f"{counted(len(silent), 'node')} of {len(running)} with pods never reported a flow",
            count=len(silent),
            examples=silent,
            facts=silent,
        )


def _bare(node: str) -> str:
    return node.rpartition("/")[2]
