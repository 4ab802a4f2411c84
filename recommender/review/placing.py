"""Which file goes where: approved ones into `policies/`, those that wait into `pending/`, rejected ones nowhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from recommender.model.decision import Standing

if TYPE_CHECKING:
    from recommender.model.decision import Followed
    from recommender.model.manifest import Manifest

_POLICIES: Final = "policies/"
_PENDING: Final = "pending/"


def is_approved(followed: Followed, item: str) -> bool:
    """Whether an item's manifests may be applied; all may where nobody was asked."""
    return not followed.decisions.given or followed.standing(item) is Standing.APPROVED


def is_rejected(followed: Followed, item: str) -> bool:
    """Whether an item's manifests are written nowhere."""
    return followed.standing(item) is Standing.REJECTED


def place(followed: Followed, item: str, manifest: Manifest) -> Manifest:
    """The manifest with the path that the item's standing gives it; a rejected one keeps the one it had."""
    if is_approved(followed, item) or is_rejected(followed, item):
        return manifest
    return replace(manifest, path=_PENDING + manifest.path.removeprefix(_POLICIES))
