"""Which methods and paths of a pair become rules, and which requests are left out on purpose?

A template needs three distinct sample paths, whatever their methods: that a segment holds identifiers is a property of
the path. Each method that was seen on it then gets a rule. With fewer samples a path is written as it is.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from recommender.model.http_path import PathTemplate, covers, rule_pattern
from recommender.model.http_rule import HttpRule, SetAsideReason, SetAsideRequests

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from recommender.model.http_request import HttpKind

FEWEST_SAMPLES: Final = 3
"""Distinct paths from which on a segment is taken for an identifier."""
REGULAR: Final = 3
"""Requests from which on one that is always turned away counts as a habit and not as an attempt."""
SCAN_PATHS: Final = 10
"""Distinct paths of one pair that are all turned away from which on they are a scan, however often repeated."""
_SHOWN: Final = 3

_RuleKey = tuple[str, str]
"""Method and shape."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpChoice:
    """The kinds of requests of a pair, sorted into rules and what is left out."""

    rules: tuple[HttpRule, ...]
    set_aside: tuple[SetAsideRequests, ...]
    set_aside_beyond: int
    """Requests of these kinds whose paths are not among the samples."""
    unsayable: int
    """Requests that were served, or may have been, and that no rule may hold."""
    too_long: int
    """Methods and paths for which no expression is small enough for Envoy."""


@dataclass(slots=True, kw_only=True)
class _Draft:
    """A rule in the making."""

    requests: int = 0
    paths: dict[str, None] = field(default_factory=dict)
    further: int = 0
    """Distinct paths beyond those kept."""
    denied: int = 0
    unserved: bool = True
    literal_identifiers: bool = False

    def add(self, kind: HttpKind, paths: Iterable[str], requests: int) -> None:
        self.requests += requests
        self.paths.update(dict.fromkeys(paths))
        self.denied += min(kind.denied, requests)
        self.unserved = self.unserved and kind.unserved


def choose(kinds: Iterable[HttpKind]) -> HttpChoice:
    """Sort the kinds of all edges of a pair; the order of the input does not matter."""
    ordered = sorted(kinds, key=lambda kind: (kind.sort_key, kind.samples[0].path if kind.samples else ""))
    aside: list[tuple[HttpKind, SetAsideReason]] = []
    wanted: list[HttpKind] = []
    unserved: list[HttpKind] = []
    unsayable = 0
    for kind in ordered:
        if kind.malformed and not (kind.forbidden or kind.unserved):
            unsayable += kind.requests
        elif kind.malformed:
            aside.append((kind, SetAsideReason.MALFORMED))
        elif kind.forbidden:
            aside.append((kind, SetAsideReason.DENIED))
        else:
            (unserved if kind.unserved else wanted).append(kind)
    drafts: dict[_RuleKey, _Draft] = {}
    _draft(wanted, drafts)
    aside += _judge_unserved(unserved, drafts, odd=sum(len(kind.samples) for kind, _ in aside if kind.malformed))
    left_out = _joined(aside)
    rules = [rule for key, draft in drafts.items() if (rule := _rule(key, draft))]
    return HttpChoice(
        rules=tuple(sorted(rules, key=lambda rule: rule.sort_key)),
        set_aside=left_out,
        set_aside_beyond=sum(kind.requests for kind, _ in aside) - sum(item.requests for item in left_out),
        unsayable=unsayable,
        too_long=len(drafts) - len(rules),
    )


def _joined(aside: Iterable[tuple[HttpKind, SetAsideReason]]) -> tuple[SetAsideRequests, ...]:
    """The sample paths of these kinds, those of several edges counted together."""
    found: defaultdict[tuple[str, str, SetAsideReason], int] = defaultdict(int)
    for kind, reason in aside:
        for sample in kind.samples:
            found[kind.method, sample.path, reason] += sample.requests
    items = (
        SetAsideRequests(method=method, path=path, requests=requests, reason=reason)
        for (method, path, reason), requests in found.items()
    )
    return tuple(sorted(items, key=lambda item: item.sort_key))


def _draft(kinds: Sequence[HttpKind], drafts: dict[_RuleKey, _Draft]) -> None:
    """Templates where there are samples enough; then each literal path, in its own rule or in a template's."""
    samples: defaultdict[str, set[str]] = defaultdict(set)
    for kind in kinds:
        samples[kind.template.shape].update(sample.path for sample in kind.samples)
    enough = {shape for shape, paths in samples.items() if len(paths) >= FEWEST_SAMPLES}
    templates = [PathTemplate(shape=shape) for shape in sorted(enough) if PathTemplate(shape=shape).folded]
    for kind in kinds:
        if kind.template.folded and kind.template.shape in enough:
            draft = drafts.setdefault((kind.method, kind.template.shape), _Draft())
            draft.add(kind, (sample.path for sample in kind.samples), kind.requests)
            draft.further += kind.paths - len(kind.samples)
            continue
        for sample in kind.samples:
            shape = next((one.shape for one in templates if covers(one, sample.path)), sample.path)
            draft = drafts.setdefault((kind.method, shape), _Draft())
            draft.add(kind, (sample.path,), sample.requests)
            draft.literal_identifiers = kind.template.folded and shape == sample.path


def _judge_unserved(
    kinds: Sequence[HttpKind], drafts: dict[_RuleKey, _Draft], *, odd: int
) -> list[tuple[HttpKind, SetAsideReason]]:
    """Requests that were always turned away: covered by a rule anyway, a scan, a habit, or an attempt.

    `odd` paths, which no rule may hold and which were turned away as well, count towards a scan.
    """
    remaining = [kind for kind in kinds if not _covered(kind, drafts)]
    paths = {(kind.method, sample.path) for kind in remaining for sample in kind.samples}
    if len(paths) + odd >= SCAN_PATHS:
        return [(kind, SetAsideReason.SCAN) for kind in remaining]
    _draft([kind for kind in remaining if kind.requests >= REGULAR], drafts)
    return [(kind, SetAsideReason.UNSERVED) for kind in remaining if kind.requests < REGULAR]


def _covered(kind: HttpKind, drafts: dict[_RuleKey, _Draft]) -> bool:
    """Whether rules let all of it pass already; it is then counted there."""
    own = drafts.get((kind.method, kind.template.shape))
    if own is not None:
        own.requests += kind.requests
        return True
    templates = [PathTemplate(shape=shape) for method, shape in drafts if method == kind.method]
    homes = [next((one for one in templates if covers(one, sample.path)), None) for sample in kind.samples]
    if kind.paths > len(kind.samples) or None in homes:
        return False
    for sample, home in zip(kind.samples, homes, strict=True):
        if home is not None:
            drafts[kind.method, home.shape].requests += sample.requests
    return True


def _rule(key: _RuleKey, draft: _Draft) -> HttpRule | None:
    method, template = key[0], PathTemplate(shape=key[1])
    pattern = rule_pattern(method, template)
    if pattern is None:
        return None
    return HttpRule(
        method=method,
        template=template,
        pattern=pattern,
        requests=draft.requests,
        paths=len(draft.paths) + draft.further,
        samples=tuple(sorted(draft.paths)[:_SHOWN]),
        literal_identifiers=draft.literal_identifiers,
        unserved=draft.unserved,
        denied=draft.denied,
    )
