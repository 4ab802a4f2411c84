"""The public Python API: one function, from flows to a frozen recommendation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from recommender.settings import ResolvedSettings, Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from recommender.model.recommendation import Recommendation
    from recommender.model.selection import Selection
    from recommender.observing import Progress

PathLike = str | Path


def recommend(
    flows: PathLike | Sequence[PathLike],
    settings: Settings | ResolvedSettings | None = None,
    *,
    inventory: PathLike | Sequence[PathLike] = (),
    decisions: PathLike | None = None,
    selection: Selection | None = None,
    progress: Progress | None = None,
) -> Recommendation:
    """What policies do these flows call for, and does every needed edge pass them?

    `flows` is a flow dataset or raw Hubble files, directories or globs; `inventory` what `kubectl get … -o json`
    printed; `decisions` a decisions.yaml, which is obeyed. Nothing is written; `recommender.write_report` writes the
    result. Errors are `recommender.errors`.
    """
    from recommender.pipeline import run  # noqa: PLC0415 - `import recommender` stays light

    return run(
        [str(path) for path in _several(flows)],
        settings=_resolved(settings),
        inventory_paths=[Path(path) for path in _several(inventory)],
        decisions_path=None if decisions is None else Path(decisions),
        selection=selection,
        progress=progress,
    )


def write_report(recommendation: Recommendation, directory: PathLike) -> None:
    """Write report.html, recommendation.json and policies/ into `directory`, whole or not at all."""
    from recommender.report.files import write_report as write  # noqa: PLC0415 - as above

    write(recommendation, Path(directory))


def edge_table(recommendation: Recommendation) -> pd.DataFrame:
    """One row an edge as a pandas table: ends, what becomes of it, confidence and evidence."""
    from recommender.report.edge_table import edge_table as table  # noqa: PLC0415 - as above

    return table(recommendation)


def _several(given: PathLike | Sequence[PathLike]) -> Sequence[PathLike]:
    return [given] if isinstance(given, str | Path) else given


def _resolved(settings: Settings | ResolvedSettings | None) -> ResolvedSettings:
    if isinstance(settings, ResolvedSettings):
        return settings
    return ResolvedSettings.given(settings or Settings())
