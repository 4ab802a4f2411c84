"""The digests that decisions hold policies by."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.model.manifest import Manifest


def manifests_digest(manifests: Iterable[Manifest]) -> str:
    """What an approval holds on to: path and text of the manifests, without the comments that every run renews.

    Sound for our own canonical YAML alone: in it no line of a value begins with `#`.
    """
    digest = hashlib.blake2b(digest_size=16)
    for manifest in sorted(manifests, key=lambda item: item.path):
        lines = (line for line in manifest.text.splitlines() if not line.lstrip().startswith("#"))
        digest.update("\n".join((manifest.path, *lines, "")).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
