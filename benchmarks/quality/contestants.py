"""The tools whose manifests are judged: this one in its dialects, and hubble-audit2policy where pip can install it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import yaml

from recommender import Settings, recommend
from recommender.ingest import decode, expand_sources
from recommender.model.disposition import Disposition
from recommender.model.dns_scope import DnsScope
from recommender.model.existing import ExistingUse
from recommender.model.granularity import Granularity
from recommender.model.manifest import Dialect
from recommender.model.selection import Selection
from recommender.model.single_sightings import SingleSightings
from recommender.settings import STARTER_DIALECTS
from recommender.store import write_flows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from benchmarks.quality.judge import EdgeKey
    from recommender.model.edge import Edge
    from recommender.model.recommendation import AssessedEdge, Recommendation

DNS_TUNNEL: Final = "NPR412"

LEVELS: Final = {
    "starter set": Settings(minimum_viable=True),
    **{f"level {level}": Settings(granularity=level) for level in Granularity},
}
"""From the coarsest to the tightest."""
PEER: Final = "hubble-audit2policy"
PEER_VERSION: Final = "0.18.5"
DIALECTS: Final = (Dialect.CILIUM, Dialect.KUBERNETES)
"""Those of the published table."""
MORE_KEYS: Final = ("k8s:app", "k8s:app.kubernetes.io/name", "k8s:k8s-app", "k8s:name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a tool wrote for one cluster."""

    tool: str
    documents: tuple[Mapping[str, Any], ...]
    members: Mapping[str, frozenset[str]] | None = None
    """Whom each policy is meant for, by the policy's name; None where the tool does not say."""
    marked: frozenset[EdgeKey] = frozenset()
    """Edges that it asks a person to look at, in the truth's words."""
    suspects: frozenset[str] = frozenset()
    """Clients that it names for a DNS tunnel."""
    notes: tuple[str, ...] = field(default=())
    """What it said itself about what it left out."""


def our_answers(capture: Path, scratch: Path, cluster: str, dialects: Sequence[Dialect] = DIALECTS) -> list[Answer]:
    """Each dialect, with and without the inventory, and the strictest settings, from one dataset.

    `cluster` is the captured cluster's name, which stands before its ends where the capture shows several.
    """
    dataset, inventory = _ingested(capture, scratch), capture / "inventory.json"
    answers = [
        _ours(
            dataset,
            Settings(dialect=dialect),
            inventory if knows else None,
            cluster,
            f"ours, {dialect}, {'with' if knows else 'without'} inventory",
        )
        for dialect in dialects
        for knows in (True, False)
    ]
    strict = Settings(dns=DnsScope.OBSERVED, single_sightings=SingleSightings.QUARANTINE)
    return [*answers, _ours(dataset, strict, inventory, cluster, "ours, cilium, strictest settings")]


def level_answers(capture: Path, scratch: Path, cluster: str, dialects: Sequence[Dialect] = DIALECTS) -> list[Answer]:
    """Every level and the starter set with the inventory, in those of the dialects that can say it."""
    dataset = _ingested(capture, scratch)
    return [
        _ours(
            dataset, replace(chosen, dialect=dialect), capture / "inventory.json", cluster, f"ours, {dialect}, {name}"
        )
        for dialect in dialects
        for name, chosen in LEVELS.items()
        if not chosen.minimum_viable or dialect in STARTER_DIALECTS
    ]


def _ingested(capture: Path, scratch: Path) -> Path:
    """The capture's flows as a dataset."""
    dataset = scratch / "flows.parquet"
    # An ingest adds to what is there; a capture of an earlier version of the scenario must not stay in it.
    if dataset.exists():
        shutil.rmtree(dataset)
    write_flows(decode(expand_sources([str(capture / "events-*")])), dataset, selection=Selection())
    return dataset


def _ours(dataset: Path, settings: Settings, inventory: Path | None, cluster: str, name: str) -> Answer:
    # What is written is judged alone, so it must be complete without the policies that the inventory holds.
    complete = replace(settings, existing=ExistingUse.IGNORE)
    made = recommend(dataset, complete, inventory=[inventory] if inventory else ())
    members = {
        item.policy.name: frozenset(f"{end.namespace}/{end.kind}/{end.name}" for end in item.policy.group.members)
        for item in made.policies
    }
    documents = [document for item in made.manifests for document in yaml.safe_load_all(item.text) if document]
    left_out = [
        f"{item.edge.key}: {item.decided.reason}" for item in made.edges if not item.decided.disposition.allowed
    ]
    return Answer(
        tool=name,
        documents=tuple(documents),
        members=members,
        marked=frozenset(_edge_key(item.edge, cluster) for item in made.edges if _is_named(item, made)),
        suspects=frozenset(gap.subject.removeprefix(f"{cluster}/") for gap in made.gaps if gap.code == DNS_TUNNEL),
        notes=(*left_out, *(f"proof broken: {denial.edge}: {denial.reason}" for denial in made.proof.broken)),
    )


def _is_named(item: AssessedEdge, made: Recommendation) -> bool:
    """Whether a person is asked to look at the edge: in review, or in quarantine and open all the same (NPR406)."""
    return item.decided.disposition is Disposition.REVIEW or item.edge.key in made.proof.still_open


def _edge_key(edge: Edge, cluster: str) -> EdgeKey:
    """The edge in the truth's words: its own cluster has no name there."""
    client, server = (str(end).removeprefix(f"{cluster}/") for end in (edge.client, edge.server))
    return (client, server, str(edge.protocol), edge.port)


def install_peer(scratch: Path) -> Path | str:
    """The peer's command in an environment of its own, or why there is none."""
    place = scratch / "peer"
    command = place / "bin" / PEER
    if command.exists():
        return command
    venv.create(place, with_pip=True)
    pip = [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", f"{PEER}=={PEER_VERSION}"]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    return command if done.returncode == 0 and command.exists() else done.stderr.strip().splitlines()[-1]


def peer_answers(command: Path, capture: Path, scratch: Path) -> list[Answer]:
    """What the peer makes of the audited flows, with its own label keys and with more of them."""
    flows = scratch / "peer-flows.jsonl"
    with flows.open("wb") as out:
        for path in sorted(capture.glob("events-*.log")):
            out.write(path.read_bytes())
    more = [part for key in MORE_KEYS for part in ("--label-key", key)]
    found = []
    for name, flags in (("audit", []), ("audit, more keys", more)):
        target = scratch / f"peer-{len(flags)}.yaml"
        target.unlink(missing_ok=True)
        run = [str(command), str(flows), "--no-enrich", "--verdict", "AUDIT", "--single-file", str(target), *flags]
        done = subprocess.run(run, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            print(f"{PEER} failed: {done.stderr[-500:]}", file=sys.stderr)
        text = target.read_text(encoding="utf-8") if target.exists() else ""
        documents = tuple(document for document in yaml.safe_load_all(text) if document)
        found.append(Answer(tool=f"{PEER}, {name}", documents=documents))
    flows.unlink()
    return found
