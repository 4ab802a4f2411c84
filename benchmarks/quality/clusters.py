"""The simulated clusters: random ones of several sizes, with label styles and noise that the simulator leaves out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from tests.simulator import Cluster, Simulation, harden, random_cluster, simulate
from tests.simulator.cluster import Kind, Workload
from tests.simulator.placement import ordinal_labels

if TYPE_CHECKING:
    from tests.simulator.unwanted import Noise


class LabelStyle(StrEnum):
    """Which labels the cluster's pods carry besides those that the random cluster draws."""

    PLAIN = "plain"
    HELM = "helm"
    """Every pod comes from a chart; `helm.sh/chart` and `app.kubernetes.io/version` change with every release."""
    HASHES = "hashes"
    """`pod-template-hash` and `controller-revision-hash` are part of identities."""
    BUILDS = "builds"
    """A pipeline stamps `build` and `git-sha`; `team` is shared by many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One cluster and how it is captured."""

    size: str
    seed: int
    days: float
    style: LabelStyle
    events: str
    rate: float = 1.0
    noisy: bool = False
    """Many repeats, nameless ends, cut lines and misread replies."""
    hard: bool = False
    """Per-pod labels, pods without labels, IPv6, SCTP, dynamic ports, a second cluster, moving names, an intruder."""

    @property
    def name(self) -> str:
        """Such as `small-12` or `hard-small-17`."""
        return f"{'hard-' if self.hard else ''}{self.size}-{self.seed}"

    @property
    def words(self) -> str:
        """The scenario in words, for the table of scenarios."""
        noise = "with an intruder" if self.hard else "heavy" if self.noisy else "usual"
        return f"{self.days:g} days, labels {self.style}, events {self.events}, rate {self.rate:g}, noise {noise}"

    def cluster(self) -> Cluster:
        """The cluster as it is during the window."""
        drawn = random_cluster(self.seed, self.size)
        drawn = harden(drawn, self.seed) if self.hard else drawn
        # A deny rule selects its client: only a selected pod shows verdicts, and without them no capture tells of it.
        denied = {call.client for call in drawn.noise.denied}
        selected = (replace(item, audit=item.audit or item.key in denied) for item in drawn.workloads)
        workloads = tuple(styled(item, self.style, revision=0) for item in selected)
        noise = _heavy(drawn.noise) if self.noisy else drawn.noise
        return replace(drawn, workloads=workloads, noise=noise)

    def simulation(self) -> Simulation:
        """The capture."""
        return simulate(self.cluster(), days=self.days, seed=self.seed, events=self.events, rate=self.rate)


SCENARIOS = (
    Scenario(size="tiny", seed=11, days=3, style=LabelStyle.PLAIN, events="sparse"),
    Scenario(size="small", seed=12, days=5, style=LabelStyle.HELM, events="full"),
    Scenario(size="small", seed=13, days=7, style=LabelStyle.HASHES, events="sparse"),
    Scenario(size="medium", seed=14, days=3, style=LabelStyle.BUILDS, events="verdict-only"),
    Scenario(size="medium", seed=15, days=5, style=LabelStyle.HELM, events="sparse", noisy=True),
    Scenario(size="large", seed=16, days=3, style=LabelStyle.HASHES, events="sparse", rate=0.5),
    Scenario(size="small", seed=17, days=7, style=LabelStyle.BUILDS, events="sparse", hard=True),
    Scenario(size="medium", seed=18, days=4, style=LabelStyle.HELM, events="full", hard=True),
    Scenario(size="small", seed=19, days=3, style=LabelStyle.PLAIN, events="verdict-only", hard=True),
)


def styled(workload: Workload, style: LabelStyle, *, revision: int) -> Workload:
    """The workload with the style's labels as they are at a revision of its pod template."""
    labels = dict(workload.labels) | dict(_labels(workload, style, revision))
    return replace(workload, labels=tuple(sorted(labels.items())))


def label_sets(workload: Workload) -> tuple[tuple[tuple[str, str], ...], ...]:
    """Every label set that the workload's pods have during the window; runs of a job are shown by one of them."""
    labels = dict(workload.labels)
    if workload.kind is Kind.CRON_JOB and workload.job_name_label:
        labels["job-name"] = f"{workload.name}-29552400"
    rollout = workload.rollout
    variants = [labels | {rollout.label: value} for value in (rollout.before, rollout.after)] if rollout else [labels]
    if workload.ordinal_labels:
        variants = [labels | ordinal_labels(workload, replica) for replica in range(workload.replicas)]
    return tuple(tuple(sorted(variant.items())) for variant in variants)


def label_sets_after(workload: Workload, style: LabelStyle) -> tuple[tuple[tuple[str, str], ...], ...]:
    """The label sets after one more rollout or run: every volatile label has a value that the window never showed.

    A StatefulSet whose replicas differ in their labels has one replica more.
    """
    labels = dict(styled(workload, style, revision=1).labels)
    if workload.rollout:
        labels[workload.rollout.label] = "2.0-rc3"
    if workload.kind is Kind.CRON_JOB and workload.job_name_label:
        labels["job-name"] = f"{workload.name}-29652480"
    if workload.ordinal_labels:
        labels |= ordinal_labels(workload, workload.replicas)
    return (tuple(sorted(labels.items())),)


def _labels(workload: Workload, style: LabelStyle, revision: int) -> tuple[tuple[str, str], ...]:
    stamp = hashlib.blake2b(f"{workload.key}/{revision}".encode(), digest_size=20).hexdigest()
    match style:
        case LabelStyle.PLAIN:
            return ()
        case LabelStyle.HELM:
            version = f"1.{len(workload.name)}.{revision}"
            chart = f"{workload.name}-{version}"
            named = () if workload.labels else (("app.kubernetes.io/name", workload.name),)
            managed = (("app.kubernetes.io/managed-by", "Helm"), ("app.kubernetes.io/version", version))
            return (*named, *managed, ("helm.sh/chart", chart))
        case LabelStyle.HASHES:
            if workload.kind is Kind.DEPLOYMENT:
                return (("pod-template-hash", _safe(stamp[:9])),)
            return (("controller-revision-hash", stamp[:10]),) if workload.kind not in {Kind.POD, Kind.CRON_JOB} else ()
        case LabelStyle.BUILDS:
            return (
                ("build", str(1400 + 31 * revision + int(stamp[:2], 16))),
                ("git-sha", stamp[:7]),
                ("team", ("blue", "green", "red")[len(workload.name) % 3]),
            )


def _safe(digits: str) -> str:
    """Digits in the alphabet that Kubernetes writes hashes in."""
    return digits.translate(str.maketrans("013ae", "bcdfg"))


def _heavy(noise: Noise) -> Noise:
    return replace(
        noise,
        misread_replies_per_day=60.0,
        nameless_share=0.02,
        repeat_share=0.05,
        malformed_per_day=40.0,
        lost_per_day=40.0,
        datapath_drops_per_hour=2.0,
        neighbour_discovery_per_hour=3.0,
    )
