"""Stored flows: Parquet datasets that are written atomically, merged without repeats, and read as SQL views."""

from __future__ import annotations

from recommender.store.answer_cache import CachedEngine
from recommender.store.dataset import FlowDataset, dataset_at, is_dataset, open_dataset
from recommender.store.fetched import fetched_dataset
from recommender.store.selection import check_selection, record_kinds
from recommender.store.write import ingest_flows, write_flows

__all__ = [
    "CachedEngine",
    "FlowDataset",
    "check_selection",
    "dataset_at",
    "fetched_dataset",
    "ingest_flows",
    "is_dataset",
    "open_dataset",
    "record_kinds",
    "write_flows",
]
