"""One connection in the whole window that nothing else speaks for and that looks wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.answers import Answer
from recommender.assess.corroboration import index_corroboration
from recommender.assess.ends import JOB_KINDS, is_outside, is_owned
from recommender.assess.late_contact import FIRST_RUN, late_on_a_sensitive_port, listener_text
from recommender.assess.ports import is_odd_outside, is_sensitive
from recommender.assess.sightings import is_direction_known, is_single_sighting
from recommender.model.edge import WorkloadEnd

if TYPE_CHECKING:
    from recommender.assess.context import EdgeContext
    from recommender.model.edge import Edge


def claim(context: EdgeContext) -> dict[str, str]:
    """Which edges were seen once, uncorroborated, and on a guess, late on a sensitive port, or oddly to the world?

    A job whose whole life in the window is that one run is spared: a weekly job is needed traffic. So is a late contact
    of a workload with an owner, unless it is known to have got no answer: rare needs look like that, so it is allowed
    and marked (`review`).
    """
    if context.short_window:
        return {}
    corroboration = context.once(index_corroboration)
    return {
        edge_id: suspicion
        for edge_id, edge in context.edges.items()
        if is_single_sighting(edge.evidence)
        and not corroboration.speaks_for(edge)
        and (suspicion := _suspicion(edge, context))
    }


def _suspicion(edge: Edge, context: EdgeContext) -> str:
    if _is_first_run_of_job(edge, context):
        return ""
    if not is_direction_known(edge.evidence):
        return "seen once, and which end opened it is a guess"
    if is_sensitive(edge.protocol, edge.port) and is_outside(edge.client):
        return f"seen once, from outside the cluster, on {listener_text(edge.port)}"
    late = late_on_a_sensitive_port(edge, context)
    shut = context.answers.answer(edge) not in {Answer.ANSWERED, Answer.UNKNOWN}
    if late and (shut or not is_owned(edge.client)):
        return late
    if is_outside(edge.server) and is_odd_outside(edge.protocol, edge.port):
        return f"seen once, to the outside on the unusual port {edge.port}"
    return ""


def _is_first_run_of_job(edge: Edge, context: EdgeContext) -> bool:
    if not isinstance(edge.client, WorkloadEnd) or edge.client.kind not in JOB_KINDS:
        return False
    return edge.evidence.first_seen - context.seen[edge.client][0] <= FIRST_RUN
