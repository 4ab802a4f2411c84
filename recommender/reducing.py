"""Where flows are reduced: the engine that was chosen, with the dataset as it can read it."""

from __future__ import annotations

import re
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final, assert_never

import duckdb

from recommender import __version__
from recommender.edges import reduction_engine
from recommender.errors import UsageError
from recommender.model.reduction import ReductionEngine
from recommender.store import CachedEngine, dataset_at, fetched_dataset, open_dataset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.model.selection import Selection
    from recommender.model.sql_engine import SqlEngine
    from recommender.settings import Settings
    from recommender.store import FlowDataset

_URI: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.ASCII)
_SIZE: Final = re.compile(r"([\d.]+) ?([KMGT]?)(i?)B", re.IGNORECASE)
_POWERS: Final = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}


def is_uri(place: str) -> bool:
    """Whether it names a file system, such as `s3a://bucket/flows.parquet`."""
    return _URI.match(place) is not None


@contextmanager
def opened(
    place: Path | str, *, settings: Settings, selection: Selection, scratch: Path
) -> Iterator[tuple[SqlEngine, FlowDataset]]:
    """The engine with the views of the selected flows on it, and the dataset that they come from.

    Raises:
        UsageError: Spark is not there, or its executors cannot reach the scratch folder, or it cannot read a selection.
        StoreError: there is no dataset at the place.
        ReductionError: the engine does not start.
    """
    _check_folder(settings.reduction_cache, "what flows are reduced to is kept in", hint="a path")
    match settings.engine:
        case ReductionEngine.DUCKDB:
            _check_folder(settings.spill_directory, "DuckDB spills to", hint="a path, or --engine spark")
            path = fetched_dataset(place, scratch / "fetched") if isinstance(place, str) else place
            dataset = open_dataset(path)
            with reduction_engine(memory_limit=settings.memory_limit, spill=scratch / "spill") as connection:
                dataset.register(connection, selection)
                yield _remembering(connection, dataset, settings, selection), dataset
        case ReductionEngine.SPARK:
            from recommender.spark.session import spark_engine  # noqa: PLC0415 - nobody else should wait for it

            _check_patterns(selection)
            with spark_engine(
                master=settings.spark_master,
                memory=java_size(settings.memory_limit),
                scratch=settings.spill_directory or str(scratch),
                shared=bool(settings.spill_directory),
            ) as engine:
                if isinstance(place, str):
                    dataset = dataset_at(place, read_text=engine.read_text)
                else:
                    dataset = open_dataset(place)
                dataset.register(engine, selection)
                yield _remembering(engine, dataset, settings, selection), dataset
        case _:
            assert_never(settings.engine)


def _remembering(engine: SqlEngine, dataset: FlowDataset, settings: Settings, selection: Selection) -> SqlEngine:
    """The engine, with answers from the folder that the settings name, if they name one."""
    if not settings.reduction_cache:
        return engine
    basis = (__version__, duckdb.__version__, settings.engine, dataset.digest(), dataset.record.to_json(), selection)
    return CachedEngine(engine, folder=Path(settings.reduction_cache), basis=repr(basis))


def _check_folder(place: str, what: str, *, hint: str) -> None:
    """Refuse a place that only Spark can write to."""
    if is_uri(place):
        raise UsageError(f"{what} a folder of this machine", where=place, hint=hint)


def _check_patterns(selection: Selection) -> None:
    """Refuse what Spark would read otherwise: expressions of a user are RE2's, and Spark's are Java's."""
    if any(condition.flag == "http-path" for condition in (*selection.wanted, *selection.unwanted)):
        raise UsageError(
            "Spark reads regular expressions otherwise than Hubble",
            where="--http-path",
            hint="--engine duckdb, or an ingest with --http-path, whose dataset Spark can reduce",
        )


def java_size(size: str) -> str:
    """A size that DuckDB takes, in mebibytes as Java takes it."""
    matched = _SIZE.fullmatch(size)
    if matched is None:
        raise UsageError(f"`{size}` is no size", where="memory_limit", hint="a number and a unit, such as 4GiB")
    number, power, binary = matched.groups()
    size_in_bytes = Fraction(number) * (1024 if binary else 1000) ** _POWERS[power.upper()]
    return f"{max(1, int(size_in_bytes / 1024**2))}m"
