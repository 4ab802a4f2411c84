"""Every moment of a plan, judged: no plan is written that cuts what is needed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import yaml

from recommender.errors import UsageError
from recommender.rollout.cluster_picture import picture_of
from recommender.rollout.waves.proof import PrefixProof, moments

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from recommender.rollout.policy_side import PolicySide
    from recommender.rollout.waves.plan import PlannedObject, Wave
    from recommender.rollout.waves.proof import Moment

_MOST_MOMENTS: Final = 600
"""Different ones; beyond these only those at the ends of waves are judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """How much was judged."""

    checked: int
    """Moments."""
    moments: int
    """All of them."""
    edges: int
    """Needed edges at each."""
    held_off: int = 0
    """Of them: denied by the texts of policies in force, so judged without these."""
    denied: tuple[str, ...] = ()
    """Keys of needed edges that neither the policies in force nor the report's pass."""


def prove(
    side: PolicySide, waves: Sequence[Wave], *, before: Iterable[str], leftovers: Iterable[PlannedObject]
) -> Proved:
    """Judge every moment, there and back.

    Args:
        side: The report.
        waves: In order.
        before: Texts of what an earlier run wrote and these waves replace.
        leftovers: What it wrote and they do not; in force throughout.

    Raises:
        UsageError: A needed edge would be denied at one of them.
    """
    standing: list[Mapping[str, Any]] = [
        *(yaml.safe_load(text) for text in before),
        *(item.document for item in leftovers),
    ]
    proof = PrefixProof.of(side.report, picture_of((side,)), standing, side.files.documents)
    steps = different(list(moments(waves, standing)))
    chosen = steps if len(steps) <= _MOST_MOMENTS else _ends(steps)
    for moment in chosen:
        cut = next(proof.cuts(moment), None)
        if cut is not None:
            raise UsageError(
                f"after {cut.moment} the needed edge {cut.edge} would be denied",
                where=side.path,
                hint="run netpol-recommend again: the report's policies must pass its replay proof",
            )
    return Proved(
        checked=len(chosen),
        moments=len(steps),
        edges=len(proof.asked) + len(proof.held_off),
        held_off=len(proof.held_off),
        denied=proof.denied,
    )


def different(steps: Sequence[Moment]) -> list[Moment]:
    """Each set of objects once: the way back mostly goes through what the way there went through."""
    found: dict[int, Moment] = {}
    digests: dict[int, int] = {}
    for step in steps:
        for item in step.documents:
            if id(item) not in digests:
                text = json.dumps(item.document, sort_keys=True, default=str)
                digests[id(item)] = int.from_bytes(sha256(text.encode()).digest())
        # The sum of digests does not depend on the order, and costs a number a moment however many objects stand.
        found.setdefault(sum(digests[id(item)] for item in step.documents), step)
    return list(found.values())


def _ends(steps: Sequence[Moment]) -> list[Moment]:
    """The last moment of each wave, and of each way back."""
    following = [*(step.after.partition(":")[0] for step in steps[1:]), ""]
    return [step for step, wave in zip(steps, following, strict=True) if step.after.partition(":")[0] != wave]
