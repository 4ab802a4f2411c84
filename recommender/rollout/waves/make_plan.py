"""Waves: which policies, in which form, in which order, and when to stop."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from scipy.stats import poisson

from recommender.assess.gaps.report import command_name
from recommender.errors import UsageError
from recommender.model.existing import PolicyFate
from recommender.rollout.waves.candidates import candidates_of
from recommender.rollout.waves.earlier import existing_texts, in_force, leftovers
from recommender.rollout.waves.plan import Audit, Environment, RolloutPlan, Stage, Waiting, Wave
from recommender.rollout.waves.prove_plan import prove
from recommender.rollout.waves.variants import audit_of, guard, variants
from recommender.semantics.manifest_documents import cluster_of_document
from recommender.semantics.reading import policy_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from recommender.rollout.policy_side import PolicySide
    from recommender.rollout.waves.environments import Environments
    from recommender.rollout.waves.plan import Candidate, PlannedObject

_LEAST: Final = {"enforce": ("enforce",), "stage": ("enforce", "stage")}
_DAYS: Final = {Stage.SHARED: (0, 0), Stage.AUDIT: (7, 14), Stage.INGRESS: (1, 7), Stage.FULL: (2, 14)}
"""Fewest and most days of a wave's wait; an audit sees a week's rhythm at least."""
_QUANTILE: Final = 0.95


def make_plan(
    side: PolicySide, *, environments: Environments, production: str = "enforce", wave_size: int = 10
) -> RolloutPlan:
    """All waves of a report, proved moment by moment, there and back.

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
    before = existing_texts(side.view, PolicyFate.REPLACED)
    everything = candidates_of(side.view, where=side.path)
    there = [one for one in everything if all(in_force(text, before) for _, text in one.manifests)]
    candidates = [one for one in everything if one not in there]
    maker = _WaveMaker(
        before=before,
        audit=audit_of(str(side.view["dialect"])),
        several_clusters=len({one.cluster for one in candidates}) > 1,
        size=wave_size,
    )
    waves: list[Wave] = [*maker.shared(side.view)]
    waiting: list[Waiting] = []
    for environment in Environment:
        own = [one for one in candidates if environments.of(one.namespace, one.cluster) is environment]
        ready = _LEAST[production] if environment is Environment.PRODUCTION else _LEAST["stage"]
        waiting += [Waiting(candidate=one, environment=environment) for one in own if one.advice not in ready]
        for cluster in sorted({one.cluster for one in own}):
            here = [one for one in own if one.cluster == cluster]
            waves += maker.environment(environment, here, ready)
    numbered = tuple(_with_rollbacks(replace(wave, name=f"{n:02d}-{wave.name}") for n, wave in enumerate(waves, 1)))
    left = leftovers(side.view)
    proved = prove(side, numbered, before=before.values(), leftovers=left)
    return RolloutPlan(
        dialect=str(side.view["dialect"]),
        report_digest=str(side.view.get("report_digest", "")),
        waves=numbered,
        waiting=tuple(waiting),
        in_force=tuple(one.item for one in there),
        leftovers=left,
        checked=proved.checked,
        moments=proved.moments,
        edges=proved.edges,
        held_off=proved.held_off,
        denied=proved.denied,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _WaveMaker:
    before: Mapping[str, str]
    """Texts of what an earlier run left, by policy name."""
    audit: Audit
    several_clusters: bool
    size: int

    def shared(self, view: Mapping[str, Any]) -> Iterator[Wave]:
        """Allow rules that many groups share, of each cluster."""
        items = [one for one in view.get("baselines", ()) if one.get("standing", "pending") != "rejected"]
        for cluster in sorted({one["cluster"] for one in items}):
            own = [one["manifest"] for one in items if one["cluster"] == cluster]
            texts = [(one["path"], one["text"]) for one in own if not in_force(one["text"], self.before)]
            yield from self._wave("shared-rules", None, Stage.SHARED, cluster=cluster, texts=texts)

    def environment(
        self, environment: Environment, candidates: Sequence[Candidate], ready: Sequence[str]
    ) -> Iterator[Wave]:
        """The waves of one environment of one cluster."""
        if environment is not Environment.DEV:
            audited = [one for one in candidates if one.advice in _LEAST["stage"]]
            yield from self._waves(environment, Stage.AUDIT, audited, len(audited) or 1)
        enforced = [one for one in candidates if one.advice in ready]
        for stage in (Stage.INGRESS, Stage.FULL):
            yield from self._waves(environment, stage, enforced, self.size)

    def _waves(
        self, environment: Environment, stage: Stage, candidates: Sequence[Candidate], size: int
    ) -> Iterator[Wave]:
        """Batches in the order of risk; an audit is one."""
        split = [list(candidates)] if stage is Stage.AUDIT and candidates else _batches(candidates, stage, size)
        for number, batch in enumerate(split, 1):
            suffix = "" if stage is Stage.AUDIT else f"-{number}"
            name = f"{environment.value}-{stage.value}{suffix}"
            part = [one for one in batch if self._objects(one.manifests, stage)]
            texts = [item for one in part for item in one.manifests]
            if part:
                yield from self._wave(
                    name, environment, stage, cluster=part[0].cluster, texts=texts, candidates=tuple(part)
                )

    def _objects(self, texts: Iterable[tuple[str, str]], stage: Stage) -> tuple[PlannedObject, ...]:
        """What a stage applies of some manifests."""
        return tuple(made for path, text in texts for made in variants(path, text, stage, self.before))

    def _wave(
        self,
        name: str,
        environment: Environment | None,
        stage: Stage,
        *,
        cluster: str,
        texts: Iterable[tuple[str, str]],
        candidates: tuple[Candidate, ...] = (),
    ) -> Iterator[Wave]:
        """Nothing if no object is left at this stage."""
        objects = self._objects(texts, stage)
        if not objects:
            return
        audit = self.audit if stage is Stage.AUDIT else None
        days, expected = _wait(candidates, stage)
        # Only what isolates can cut what comes later: shadows and staged policies do not.
        steps = sorted({one.namespace for one in candidates if one.step and audit in {None, Audit.MODE}})
        shown = cluster if self.several_clusters else ""
        yield Wave(
            name=f"{command_name(shown, 'cluster')}-{name}" if shown else name,
            environment=environment,
            stage=stage,
            audit=audit,
            cluster=shown,
            objects=objects,
            guards=tuple(guard(namespace, shown) for namespace in steps),
            candidates=candidates,
            expected_new=round(expected, 2),
            stop_above=int(poisson.ppf(_QUANTILE, expected)) if expected else 0,
            wait_days=days,
        )


def _batches(candidates: Sequence[Candidate], stage: Stage, size: int) -> list[list[Candidate]]:
    """In the order of risk; the steps of one namespace's starter set stay together."""
    batches: list[list[Candidate]] = []
    for one in candidates if stage is not Stage.INGRESS else [one for one in candidates if not one.step]:
        together = next((batch for batch in batches if one.step and batch[0].namespace == one.namespace), None)
        if together is not None and together[0].step:
            together.append(one)
        elif not batches or one.step or batches[-1][0].step or len(batches[-1]) >= size:
            batches.append([one])
        else:
            batches[-1].append(one)
    return batches


def _wait(candidates: Sequence[Candidate], stage: Stage) -> tuple[int, float]:
    """Days, and the needs expected in them.

    As long as the first unknown need takes to show with 95 % at the expected rate (-ln 0.05 / rate), within bounds.
    """
    rate = sum(one.expected_new for one in candidates) / 7
    fewest, most = _DAYS[stage]
    days = min(most, max(fewest, math.ceil(-math.log(1 - _QUANTILE) / rate))) if rate > 0 else fewest
    return days, rate * days


def _with_rollbacks(waves: Iterator[Wave]) -> Iterator[Wave]:
    """Each object with the text that the waves before it left there."""
    standing: dict[tuple[str, str], str] = {}
    for wave in waves:
        objects = []
        for item in wave.objects:
            if item.staged:
                objects.append(item)
                continue
            key = (cluster_of_document(item.document), policy_name(item.document))
            objects.append(replace(item, before=standing.get(key, item.before)))
            # An audit ends with its way back, so it leaves nothing.
            if wave.stage is not Stage.AUDIT:
                standing[key] = item.text
        # New ones first: the way back restores, then deletes, and so is the way there reversed, wherever it stopped.
        yield replace(wave, objects=tuple(sorted(objects, key=lambda item: bool(item.before))))
