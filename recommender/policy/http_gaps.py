"""NPR316, NPR317: which pairs could be narrowed to HTTP, and what HTTP rules cannot know."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from recommender.model.gap import Gap, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from recommender.model.http_rule import HttpPair, HttpRule

_SHOWN: Final = 3
_COULD: Final = "Could be narrowed to HTTP"
_UNSEEN: Final = "HTTP seen in part"


def http_gaps(pairs: Iterable[HttpPair], *, wanted: bool) -> tuple[Gap, ...]:
    """Without HTTP rules, the pairs that could have them; with them, what each does not show and who goes without.

    Scans of paths are told either way.

    `pairs` are those after writing: where the dialect has no HTTP rules, that is their obstacle.
    """
    ordered = tuple(pairs)
    left_out = [_set_aside(pair) for pair in ordered if pair.set_aside and (pair.written or pair.scanned)]
    if not wanted:
        return (*(_could(pair) for pair in ordered if not pair.obstacle), *left_out)
    alike: defaultdict[tuple[str, str], list[HttpPair]] = defaultdict(list)
    for pair in ordered:
        if pair.obstacle:
            alike[pair.client, pair.obstacle].append(pair)
    return (
        *(_unseen(pair) for pair in ordered if not pair.obstacle),
        *left_out,
        *(_left(members) for members in alike.values()),
    )


def _could(pair: HttpPair) -> Gap:
    aside = sum(item.requests for item in pair.set_aside) + pair.set_aside_beyond
    left_out = f"; left out of them: {aside} requests that were denied or turned away" if aside else ""
    return Gap(
        code="NPR316",
        title=_COULD,
        severity=Severity.INFO,
        subject=pair.subject,
        reason=f"{_seen(pair)}{left_out}",
        impact="Every request is allowed on this port; rules on methods and paths would allow the kinds seen only.",
        action="Run again with --l7 http and read its findings before enforcing.",
        count=pair.covered,
        examples=_examples(pair.rules),
    )


def _unseen(pair: HttpPair) -> Gap:
    blind = not pair.packets
    notes = [
        _seen(pair),
        _expectation(pair),
        *(["no record below layer 7: a connection without a request would not show"] if blind else []),
        *([f"with identifiers written as they are, for want of samples: {count}"] if (count := _literal(pair)) else []),
        *([f"answered only by turning the client away: {count}"] if (count := _unserved(pair)) else []),
    ]
    return Gap(
        code="NPR317",
        title=_UNSEEN,
        severity=Severity.HIGH if blind else Severity.MEDIUM,
        subject=pair.subject,
        reason="; ".join(notes),
        impact="Methods and paths that this window did not hold are answered 403 once the rules are enforced.",
        action=_action(pair),
        count=pair.covered,
        examples=_examples(pair.rules),
        facts=("seen in part",),
    )


def _left(pairs: Sequence[HttpPair]) -> Gap:
    """Pairs of one client that the same thing stands against."""
    first = pairs[0]
    return Gap(
        code="NPR317",
        title=_UNSEEN,
        severity=Severity.LOW,
        subject=first.subject if len(pairs) == 1 else f"{first.client} -> several servers and ports",
        reason=f"{'stays' if len(pairs) == 1 else f'{len(pairs)} of them stay'} at layer 4: {first.obstacle}",
        impact="Every request is allowed on this port.",
        action=first.remedy,
        count=max(1, sum(pair.requests for pair in pairs)),
        examples=_examples(first.rules) if len(pairs) == 1 else tuple(pair.subject for pair in pairs[:_SHOWN]),
        facts=("layer 4", *(pair.subject for pair in pairs)),
    )


def _set_aside(pair: HttpPair) -> Gap:
    requests = sum(item.requests for item in pair.set_aside) + pair.set_aside_beyond
    reasons = Counter(item.reason.value for item in pair.set_aside)
    shown = "; ".join(f"{reason} ({count})" for reason, count in sorted(reasons.items()))
    return Gap(
        code="NPR317",
        title=_UNSEEN,
        severity=Severity.HIGH if pair.scanned else Severity.MEDIUM,
        subject=pair.subject,
        reason=f"requests that no HTTP rule should allow: {shown}",
        impact="They are answered 403; if one of them is needed after all, enforcing breaks it."
        if pair.written
        else "Rules below layer 7 let them pass.",
        action="Look at each: investigate the client if it is an attempt, write the rule by hand if it is needed.",
        count=requests,
        examples=tuple(f"{item.method or 'a request for'} {item.path}" for item in pair.set_aside[:_SHOWN]),
        facts=("set aside", *sorted(reasons)),
    )


def _seen(pair: HttpPair) -> str:
    kinds = f"{len(pair.rules)} kind{'s' * (len(pair.rules) != 1)} (method and path)"
    return f"{pair.covered} requests of {kinds} on {pair.requested} of {pair.connections} connections"


def _expectation(pair: HttpPair) -> str:
    if pair.singletons:
        return f"about {1 - pair.sample_coverage:.1%} of further requests would be of another kind (Good-Turing)"
    bound = f"{pair.unseen_bound:.1%}"
    return f"none was seen once only, so with 95 % certainty fewer than {bound} of further requests are of another kind"


def _literal(pair: HttpPair) -> int:
    return sum(rule.literal_identifiers for rule in pair.rules)


def _unserved(pair: HttpPair) -> int:
    return sum(rule.unserved for rule in pair.rules)


def _action(pair: HttpPair) -> str:
    compare = "Compare the list with the server's routes (OpenAPI, gRPC reflection) and add rare ones by hand"
    if not pair.existing:
        return f"{compare}; rules of the cluster that allow more on this port keep doing so beside these."
    some = ", ".join(pair.existing[:_SHOWN])
    return f"{compare}; then take back what allows this pair today ({some}), which otherwise stays open beside it."


def _examples(rules: Iterable[HttpRule]) -> tuple[str, ...]:
    ordered = sorted(rules, key=lambda rule: (-rule.requests, rule.sort_key))
    return tuple(f"{rule.text} ({rule.requests})" for rule in ordered[:_SHOWN])
