"""The outside world to flow tables and inventory: sources, envelopes, decoding."""

from recommender.ingest.hubble import decode
from recommender.ingest.inventory import load_inventory
from recommender.ingest.sources import Source, expand_sources

__all__ = ["Source", "decode", "expand_sources", "load_inventory"]
