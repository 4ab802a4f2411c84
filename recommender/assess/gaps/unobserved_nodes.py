"""Nodes whose flows are not in the capture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.codes import UNOBSERVED_NODES
from recommender.assess.gaps.report import make_gap
from recommender.assess.wording import counted
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap


def detect(context: GapContext) -> Iterator[Gap]:
    """Which nodes did Hubble Relay call unavailable, or exist without ever reporting (hubble-quirks 13)?

    Node names are compared without the cluster in front, which Hubble adds and kubectl does not. A node that was
    unavailable for a time and reported otherwise is a lesser matter: hours without records have a finding of their own.
    """
    reporting = {_bare(coverage.node) for coverage in context.capture.nodes if coverage.flows}
    named = context.capture.unavailable_nodes
    gone = [node for node in named if _bare(node) not in reporting]
    for_a_time = [node for node in named if _bare(node) in reporting]
    if gone:
        yield make_gap(
            UNOBSERVED_NODES,
            severity=Severity.HIGH,
            subject="nodes",
            reason=f"{counted(len(gone), 'node')} named unavailable while flows were collected, without a single flow",
            count=len(gone),
            examples=gone,
            facts=gone,
        )
    if for_a_time:
        yield make_gap(
            UNOBSERVED_NODES,
            subject="nodes for a time",
            reason=f"{counted(len(for_a_time), 'node')} named unavailable at some moment, but recorded otherwise",
            count=len(for_a_time),
            examples=for_a_time,
            facts=for_a_time,
        )
    running = {pod.node for pod in context.inventory.pods if pod.node} | set(context.inventory.nodes)
    silent = sorted(node for node in running if _bare(node) not in reporting) if reporting else []
    if silent:
        yield make_gap(
            UNOBSERVED_NODES,
            severity=Severity.HIGH,
            subject="inventory",
            reason=f"{counted(len(silent), 'node')} of {len(running)} never reported a flow",
            count=len(silent),
            examples=silent,
            facts=silent,
        )


def _bare(node: str) -> str:
    return node.rpartition("/")[2]
