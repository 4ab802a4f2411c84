"""The reviewer's question, answered: what breaks, and what can an intruder still reach?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from recommender.model.disposition import Disposition
from recommender.model.gap import Severity
from recommender.report.view_reach import reach_view
from recommender.report.wording import counted

if TYPE_CHECKING:
    from recommender.model.gap import Gap
    from recommender.model.recommendation import Recommendation

_CAPTURE_CODES = ("NPR1", "NPR5")
_FIRST_STEPS = 5


def answers_view(recommendation: Recommendation) -> dict[str, Any]:
    """Four answers, each with a sentence and with `how` it was obtained."""
    return {
        "trust": _trust(recommendation),
        "breaks": _breaks(recommendation),
        "reach": reach_view(recommendation),
        "first": _first(recommendation),
    }


def _trust(recommendation: Recommendation) -> dict[str, Any]:
    about = [gap for gap in recommendation.gaps if gap.code.startswith(_CAPTURE_CODES)]
    high = sum(gap.severity is Severity.HIGH for gap in about)
    medium = sum(gap.severity is Severity.MEDIUM for gap in about)
    if high:
        verdict, sentence = "not yet", f"Not yet: {counted(high, 'high finding')} about what the capture missed."
    elif medium:
        verdict = "with care"
        sentence = f"With care: no high, but {counted(medium, 'medium finding')} about what the capture missed."
    else:
        verdict, sentence = "yes", "Yes: no high or medium finding about what the capture missed."
    return {
        "verdict": verdict,
        "sentence": sentence,
        "high": high,
        "medium": medium,
        "how": "counted from the findings about the capture and decoding (NPR1xx) and about its calendar (NPR5xx)",
    }


def _breaks(recommendation: Recommendation) -> dict[str, Any]:
    proof = recommendation.proof
    broken, cut = len(proof.broken), len(proof.cut_by_existing)
    narrowed = _narrowed_pairs(recommendation)
    needed = proof.needed
    by_disposition = Counter(item.decided.disposition for item in recommendation.edges)
    return {
        "sentence": _breaks_sentence(broken=broken, needed=needed, unsaid=proof.unsaid, cut=cut)
        + _requests_sentence(broken=len(proof.http.broken), narrowed=narrowed),
        "needed": needed,
        "allowed": needed - broken - cut,
        "broken": broken,
        "broken_requests": len(proof.http.broken),
        "narrowed_pairs": narrowed,
        "unsaid": proof.unsaid,
        "denied_on_purpose": len(proof.excluded),
        "by_disposition": [{"disposition": item.value, "edges": by_disposition[item]} for item in Disposition],
        "by_reason": _by_reason(recommendation),
        "how": f"every stored edge replayed against the {counted(proof.manifests, 'manifest')} as written"
        f"{_beside(proof.existing, len(proof.dependent))}, by an "
        "evaluator of the policy API; traffic that never occurred within the capture is not among them",
    }


def _narrowed_pairs(recommendation: Recommendation) -> int:
    """Pairs whose HTTP rules narrow something: not those that existing policies open beside them."""
    keys = frozenset(recommendation.proof.http.opened_by_existing)
    opened = {item.edge.edge_id for item in recommendation.edges if item.edge.key in keys}
    return sum(pair.written and opened.isdisjoint(pair.edges) for pair in recommendation.http_pairs)


def _beside(existing: int, dependent: int) -> str:
    if not existing:
        return ""
    policies = counted(existing, "existing policy", "existing policies")
    return f" together with {policies}, without which {dependent:,} of the needed edges would break"


def _breaks_sentence(*, broken: int, needed: int, unsaid: int, cut: int) -> str:
    if broken:
        return f"{broken:,} of {counted(needed, 'needed edge')} would break."
    lost = []
    if unsaid:
        lost.append(f"{counted(unsaid, 'needed edge')} that no rule can name or this dialect cannot say")
    if cut:
        lost.append(f"{counted(cut, 'needed edge')} that existing policies deny at pods without a policy of ours")
    if lost:
        return f"{', and '.join(lost)}. The other {needed - cut:,} pass."
    return f"Nothing that was seen and is needed: all {counted(needed, 'needed edge')} pass."


def _requests_sentence(*, broken: int, narrowed: int) -> str:
    if broken:
        return f" {counted(broken, 'HTTP method and path', 'HTTP methods and paths')} of needed edges would break."
    pairs = counted(narrowed, "pair of groups", "pairs of groups")
    return f" Between {pairs} only HTTP requests like those of this window pass." if narrowed else ""


def _by_reason(recommendation: Recommendation) -> list[dict[str, Any]]:
    """Edges that are not simply needed, by disposition and reason, in the order of the dispositions."""
    order = tuple(Disposition)
    found = Counter((item.decided.disposition, item.decided.reason) for item in recommendation.edges)
    ordered = sorted(found.items(), key=lambda pair: (order.index(pair[0][0]), -pair[1], pair[0][1]))
    return [
        {"disposition": disposition.value, "reason": reason, "edges": edges}
        for (disposition, reason), edges in ordered
        if disposition is not Disposition.NEEDED
    ]


def _first(recommendation: Recommendation) -> dict[str, Any]:
    steps: list[dict[str, str]] = []
    if recommendation.proof.broken:
        text = f"Do not apply these manifests: {counted(len(recommendation.proof.broken), 'needed edge')} would break."
        steps.append(_step(text, "See the replay proof for each of them.", section="proof"))
    elif not recommendation.proof.holds:
        text = "Do not apply these manifests: HTTP rules break needed requests, or narrow nothing."
        steps.append(_step(text, "See the replay proof for each of them.", section="proof"))
    steps += [
        _step(f"{gap.title}: {gap.subject}", gap.action, code=gap.code, section="findings")
        for gap in _most_urgent(recommendation)
    ]
    waiting = sum(
        item.decided.disposition in {Disposition.QUARANTINED, Disposition.REVIEW} for item in recommendation.edges
    )
    if waiting:
        text = f"Decide on {counted(waiting, 'edge')} that no machine should decide."
        steps.append(_step(text, "Each stands in the review list with its reason and evidence.", section="review"))
    return {"steps": steps, "how": "broken edges, then the most severe finding of each code, then open decisions"}


def _step(text: str, action: str, *, section: str, code: str = "") -> dict[str, str]:
    return {"text": text, "action": action, "code": code, "section": section}


def _most_urgent(recommendation: Recommendation) -> list[Gap]:
    """The most severe gap of each code, high and medium only."""
    first: dict[str, Gap] = {}
    for gap in sorted(recommendation.gaps, key=lambda gap: gap.sort_key):
        if gap.severity in {Severity.HIGH, Severity.MEDIUM}:
            first.setdefault(gap.code, gap)
    return list(first.values())[:_FIRST_STEPS]
