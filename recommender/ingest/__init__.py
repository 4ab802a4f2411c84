"""The outside world to flow tables and inventory: sources, envelopes, decoding."""

from recommender.ingest.capture_reader import CaptureReader, decode
from recommender.ingest.inventory import load_inventory
from recommender.ingest.sources import Source, expand_sources

__all__ = ["CaptureReader", "Source", "decode", "expand_sources", "load_inventory"]
