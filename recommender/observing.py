"""From inputs to what they show: a dataset, or raw flows ingested on the way, reduced to edges."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from recommender.edges import observe, observe_before
from recommender.errors import NoUsableFlowsError, UsageError
from recommender.ingest import CaptureReader, expand_sources
from recommender.memory import without_cycle_collection
from recommender.model.backtest import Earlier, cut_window
from recommender.model.selection import Selection
from recommender.reducing import is_uri, opened
from recommender.store import ingest_flows, is_dataset, record_kinds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recommender.model.decoded import DecodedBatch
    from recommender.model.inventory import Inventory
    from recommender.model.observation import Observation
    from recommender.model.sql_engine import SqlEngine
    from recommender.settings import ResolvedSettings


class Progress(Protocol):
    """Is told of stages and batches; the command line shows them, the API keeps silent."""

    def stage(self, name: str, *, total_bytes: int = 0) -> None:
        """A stage begins; the bytes to read, if they are known."""

    def batch(self, batch: DecodedBatch) -> None:
        """A batch of raw flows was decoded."""


class Silence:
    """Progress that shows nothing."""

    def stage(self, name: str, *, total_bytes: int = 0) -> None:
        """Say nothing of the stage."""

    def batch(self, batch: DecodedBatch) -> None:
        """Say nothing of the batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What the inputs show."""

    whole: Observation
    earlier: Earlier | None
    """The part that a backtest learns on; None if the window is too short to be cut, or that part shows no edge."""
    digest: str
    """Of the stored flows."""


def observe_inputs(
    inputs: Sequence[str],
    settings: ResolvedSettings,
    selection: Selection,
    inventory: Inventory,
    progress: Progress,
) -> Observed:
    """The edges of the selected flows, those of the earlier part, and the digest of the flows they come from.

    Raises NoUsableFlowsError if nothing can become an edge.
    """
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(_scratch(settings.settings.spill_directory)))
        path = _dataset_path(inputs, scratch, settings, progress)
        progress.stage("reducing flows to edges")
        stack.enter_context(without_cycle_collection())
        connection, dataset = stack.enter_context(
            opened(path, settings=settings.settings, selection=selection, scratch=scratch)
        )
        seen = observe(connection, inventory=inventory)
        capture = replace(
            seen.capture,
            repeats=dataset.repeats,
            selected_when_stored=dataset.selected,
            record_kinds=record_kinds(selection),
        )
        whole = replace(seen, capture=capture)
        earlier = _earlier_part(connection, whole, inventory)
        digest = dataset.digest()
    if not whole.edges:
        found = ", ".join(f"{item.flows} {item.flow_class}" for item in capture.classes) or "none at all"
        unreadable = sum(reject.lines for reject in capture.rejects)
        raise NoUsableFlowsError(
            f"no flow can become an edge (flows by class: {found}; unreadable records: {unreadable})",
            where=", ".join(inputs),
            hint="check the selection flags, and that pods take part in the captured traffic",
        )
    return Observed(whole=whole, earlier=earlier, digest=digest)


def _earlier_part(connection: SqlEngine, whole: Observation, inventory: Inventory) -> Earlier | None:
    cut = cut_window(whole.capture.first_hour, whole.capture.last_seen)
    if cut is None or not whole.edges:
        return None
    observation = observe_before(connection, whole, inventory=inventory, until=cut.at)
    return Earlier(cut=cut, observation=observation) if observation.edges else None


def _scratch(directory: str) -> tempfile.TemporaryDirectory[str]:
    here = "" if is_uri(directory) else directory
    try:
        return tempfile.TemporaryDirectory(prefix="netpol-recommend-", dir=here or None)
    except OSError as error:
        raise UsageError(
            f"no place for temporary files: {error.strerror or error}",
            where=here or tempfile.gettempdir(),
            hint="--spill-directory DIR, where there is room",
        ) from error


def _dataset_path(inputs: Sequence[str], scratch: Path, settings: ResolvedSettings, progress: Progress) -> Path | str:
    """Where the flows lie as a dataset: the one given, or one made of raw sources for this run; text for a URI."""
    datasets = [given for given in inputs if is_uri(given) or (given != "-" and is_dataset(Path(given)))]
    if len(inputs) == 1 and datasets:
        return inputs[0] if is_uri(inputs[0]) else Path(inputs[0])
    if datasets:
        raise UsageError(
            "a flow dataset cannot be mixed with other inputs",
            where=datasets[0],
            hint=f"netpol-recommend ingest SOURCE… -o {datasets[0]}, then netpol-recommend {datasets[0]}",
        )
    sources = expand_sources(inputs)
    progress.stage("ingesting raw Hubble flows", total_bytes=sum(source.size for source in sources))
    path = scratch / "flows.parquet"
    ingest_flows(
        CaptureReader(sources, jobs=settings.processes),
        path,
        selection=Selection(),
        on_batch=progress.batch,
        memory_limit=settings.settings.memory_limit,
    )
    return path
