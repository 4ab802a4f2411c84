"""Waves: which policies, in which form, in which order, and when to stop."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from scipy.stats import poisson

from recommender.errors import UsageError
from recommender.rollout.cluster_picture import picture_of
from recommender.rollout.waves.candidates import candidates_of
from recommender.rollout.waves.plan import Environment, RolloutPlan, Stage, Waiting, Wave
from recommender.rollout.waves.proof import PrefixProof, moments
from recommender.rollout.waves.variants import existing_texts, guard, variants
from recommender.semantics.reading import policy_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from recommender.rollout.policy_side import PolicySide
    from recommender.rollout.waves.plan import Candidate, PlannedObject
    from recommender.rollout.waves.proof import Moment

_LEAST: Final = {"enforce": ("enforce",), "stage": ("enforce", "stage")}
_DAYS: Final = {Stage.SHARED: (0, 0), Stage.AUDIT: (7, 14), Stage.INGRESS: (1, 7), Stage.FULL: (2, 14)}
"""Fewest and most days of a wave's wait; an audit sees a week's rhythm at least."""
_QUANTILE: Final = 0.95
_MOST_MOMENTS: Final = 600
"""Beyond these only the ends of waves are judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environments:
    """Which namespaces are which environment."""

    patterns: tuple[tuple[Environment, str], ...] = ()

    @classmethod
    def parse(cls, given: Sequence[str]) -> Environments:
        """Read `dev=shop-dev,staging=shop-staging*`; what none names is production.

        Raises:
            UsageError: No such environment, or no namespaces.
        """
        found = []
        environment = ""
        for part in (part for text in given for part in text.split(",")):
            name, equals, pattern = part.partition("=")
            if equals:
                environment = name.strip()
            pattern = pattern if equals else name
            if environment not in set(Environment) or not pattern.strip():
                raise UsageError(
                    f"`{part}` names no environment and namespace",
                    where="--environments",
                    hint="such as dev=shop-dev,staging=shop-staging,payments-staging; the rest is production",
                )
            found.append((Environment(environment), pattern.strip()))
        return cls(patterns=tuple(found))

    def of(self, namespace: str) -> Environment:
        """The environment of a namespace."""
        return next((env for env, pattern in self.patterns if fnmatchcase(namespace, pattern)), Environment.PRODUCTION)


def make_plan(
    side: PolicySide, *, environments: Environments, production: str = "enforce", wave_size: int = 10
) -> RolloutPlan:
    """All waves of a report, proved moment by moment.

    Args:
        side: A report.
        environments: Which namespaces are which.
        production: The least verdict with which a policy is enforced in production.
        wave_size: Most policies of a wave that enforces.

    Raises:
        UsageError: There is no report, or an order cannot be found that keeps what is needed open.
    """
    if side.view is None:
        raise UsageError("is no report", where=side.path, hint="give the directory that netpol-recommend FLOWS wrote")
    candidates = candidates_of(side.view, where=side.path)
    before = existing_texts(side.view)
    waves: list[Wave] = [*_shared(side.view, before)]
    waiting: list[Waiting] = []
    for environment in Environment:
        own = [one for one in candidates if environments.of(one.namespace) is environment]
        ready = _LEAST[production] if environment is Environment.PRODUCTION else _LEAST["stage"]
        waiting += [Waiting(candidate=one, environment=environment) for one in own if one.advice not in ready]
        if environment is not Environment.DEV:
            audited = [one for one in own if one.advice in _LEAST["stage"]]
            waves += _waves(environment, Stage.AUDIT, audited, len(audited) or 1, before)
        enforced = [one for one in own if one.advice in ready]
        for stage in (Stage.INGRESS, Stage.FULL):
            waves += _waves(environment, stage, enforced, wave_size, before)
    numbered = tuple(_with_rollbacks(replace(wave, name=f"{n:02d}-{wave.name}") for n, wave in enumerate(waves, 1)))
    checked, moments_in_all, edges = _prove(side, numbered)
    return RolloutPlan(
        dialect=str(side.view["dialect"]),
        report_digest=str(side.view.get("report_digest", "")),
        waves=numbered,
        waiting=tuple(waiting),
        checked=checked,
        moments=moments_in_all,
        edges=edges,
    )


def _shared(view: Mapping[str, Any], before: Mapping[str, str]) -> Iterator[Wave]:
    items = [one for one in view.get("baselines", ()) if one.get("standing", "pending") != "rejected"]
    objects = tuple(
        made
        for one in items
        for made in variants(one["manifest"]["path"], one["manifest"]["text"], Stage.SHARED, before)
    )
    if objects:
        yield _wave("shared-rules", Environment.DEV, Stage.SHARED, objects, ())


def _waves(
    environment: Environment, stage: Stage, candidates: Sequence[Candidate], size: int, before: Mapping[str, str]
) -> Iterator[Wave]:
    """Batches in the order of risk; the steps of one namespace's starter set stay together."""
    batches: list[list[Candidate]] = []
    for one in candidates if stage is not Stage.INGRESS else [one for one in candidates if not one.step]:
        together = next((batch for batch in batches if one.step and batch[0].namespace == one.namespace), None)
        if together is not None and together[0].step:
            together.append(one)
        elif not batches or one.step or batches[-1][0].step or len(batches[-1]) >= size:
            batches.append([one])
        else:
            batches[-1].append(one)
    for number, batch in enumerate(batches, 1):
        objects = tuple(made for one in batch for path, text in one.manifests
                        for made in variants(path, text, stage, before))  # fmt: skip
        if objects:
            suffix = "" if stage is Stage.AUDIT else f"-{number}"
            yield _wave(f"{environment.value}-{stage.value}{suffix}", environment, stage, objects, tuple(batch))


def _wave(
    name: str,
    environment: Environment,
    stage: Stage,
    objects: tuple[PlannedObject, ...],
    candidates: tuple[Candidate, ...],
) -> Wave:
    """The wait is as long as the first unknown need takes to show with 95 % at the expected rate (-ln 0.05 / rate)."""
    rate = sum(one.expected_new for one in candidates) / 7
    fewest, most = _DAYS[stage]
    days = min(most, max(fewest, math.ceil(-math.log(1 - _QUANTILE) / rate))) if rate > 0 else fewest
    expected = rate * days
    namespaces = sorted({one.namespace for one in candidates if one.step})
    return Wave(
        name=name,
        environment=environment,
        stage=stage,
        objects=objects,
        guards=tuple(guard(namespace) for namespace in namespaces if stage is not Stage.AUDIT),
        candidates=candidates,
        expected_new=round(expected, 2),
        stop_above=int(poisson.ppf(_QUANTILE, expected)) if expected else 0,
        wait_days=days,
    )


def _with_rollbacks(waves: Iterator[Wave]) -> Iterator[Wave]:
    """Each object with the text that the waves before it left there."""
    standing: dict[str, str] = {}
    for wave in waves:
        objects = []
        for item in wave.objects:
            staged = str(item.document.get("kind")).startswith("Staged")
            name = "" if staged else policy_name(item.document)
            objects.append(replace(item, before=standing.get(name, item.before)))
            # An audit ends with its way back, or the end of audit mode would enforce it.
            if name and wave.stage is not Stage.AUDIT:
                standing[name] = item.text
        yield replace(wave, objects=tuple(objects))


def _prove(side: PolicySide, waves: Sequence[Wave]) -> tuple[int, int, int]:
    proof = PrefixProof.of(side.report, picture_of((side,)))
    steps = list(moments(wave for wave in waves if wave.stage is not Stage.AUDIT))
    chosen = steps if len(steps) <= _MOST_MOMENTS else _ends(steps)
    for moment in chosen:
        cut = next(proof.cuts(moment), None)
        if cut is not None:
            raise UsageError(
                f"after {cut.moment} the needed edge {cut.edge} would be denied",
                where=side.path,
                hint="run netpol-recommend again: the report's policies must pass its replay proof",
            )
    return len(chosen), len(steps), len(proof.asked)


def _ends(steps: list[Moment]) -> list[Moment]:
    following = [*(step.after.partition(":")[0] for step in steps[1:]), ""]
    return [step for step, wave in zip(steps, following, strict=True) if step.after.partition(":")[0] != wave]
