"""Fixes that change a manifest's text and not its meaning: each is proved by the evaluator before it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recommender.errors import InvalidPolicyError
from recommender.model.manifest import Manifest
from recommender.rollout.diff.compare import Comparison
from recommender.rollout.diff.recorded_pairs import RecordedPairs
from recommender.rollout.diff.requests import request_changes
from recommender.rollout.lint.edits import FIXABLE, STEP, edit
from recommender.rollout.lint.examine import hits
from recommender.rollout.lint.manifest_set import sort_out
from recommender.semantics.policy_files import read_policy_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from recommender.rollout.cluster_picture import ClusterPicture
    from recommender.rollout.lint.manifest_set import Hit, ManifestSet, WrittenPolicy
    from recommender.semantics.policy_files import PolicySource


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """One change that was kept."""

    hit: Hit
    file: str
    done: str
    """In words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """The files after all fixes that were proved."""

    fixes: tuple[Fix, ...]
    texts: dict[str, str]
    """By path, of the files that changed."""


def fix(manifests: ManifestSet, texts: dict[str, str], picture: ClusterPicture) -> Fixed:
    """Apply the fixes one after another; one whose proof fails is left out.

    A proof holds if the policies compile to the very same rules, or, where workloads are known, if no pair of ends, no
    HTTP request and no default deny differs.

    Args:
        manifests: As examined.
        texts: Every file by its path.
        picture: The cluster that they are judged in.
    """
    current, kept = dict(texts), []
    wanted = [hit for hit in hits(manifests) if hit.finding in FIXABLE]
    # From the end of each file to its beginning, so that paths of what is still to come stay true.
    for hit in sorted(wanted, key=lambda item: (item.policy, _place(item.path)), reverse=True):
        policy = next(one for one in _policies(current) if one.name == hit.policy)
        path = policy.source.document.path
        edited = edit(hit, policy, current[path])
        if edited is None:
            continue
        candidate = {**current, path: edited[0]}
        if _proved(current, candidate, picture):
            current = candidate
            kept.append(Fix(hit=hit, file=path, done=edited[1]))
    changed = {path: text for path, text in current.items() if text != texts[path]}
    return Fixed(fixes=tuple(reversed(kept)), texts=changed)


def _place(path: str) -> list[tuple[str, int]]:
    return [(name, int(index or 0)) for name, index in STEP.findall(path)]


def _sources(texts: dict[str, str]) -> tuple[PolicySource, ...]:
    return read_policy_files([Manifest(path=path, policy="", text=text) for path, text in texts.items()]).sources


def _policies(texts: dict[str, str]) -> Sequence[WrittenPolicy]:
    return sort_out(_sources(texts), "default")[0]


def _proved(before: dict[str, str], after: dict[str, str], picture: ClusterPicture) -> bool:
    try:
        old, new = (sort_out(_sources(texts), "default") for texts in (before, after))
    except InvalidPolicyError:
        return False
    if len(old[0]) != len(new[0]) or len(old[1]) != len(new[1]):
        return False
    if old[2] == new[2]:
        return True
    if not picture.scene.members:
        return False
    judged = [picture.judged([policy.source.document for policy in found[0]]) for found in (old, new)]
    comparison = Comparison.of(judged[0], judged[1], picture.scene)
    return not (
        comparison.connections(RecordedPairs.of(()))
        or any(True for _ in comparison.isolation())
        or request_changes(comparison)
    )


def described(fixes: Iterable[Fix]) -> Iterator[str]:
    """A line for each."""
    for item in fixes:
        yield f"fixed {item.file}: {item.hit.finding.code} {item.hit.policy} {item.hit.path}: {item.done}"


def changed_texts(manifests: Sequence[Manifest]) -> dict[str, str]:
    """Texts by path."""
    return {manifest.path: manifest.text for manifest in manifests}
