"""Which behaviours are alike: Jaccard distance and average-linkage clustering, and the cohesion of a group."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.cluster import AgglomerativeClustering

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from recommender.group.behaviour import Profile

LARGEST_DISTANCE = 0.65
"""Mean Jaccard distance from which two clusters stay apart (scoring §8; set by hand on that simulator)."""
LARGEST_DENSE = 2_000
"""Distinct profiles up to which a dense distance matrix is made (32 MB); beyond it, all stay apart."""

FEW = 32
"""Profiles up to which comparing sets one by one is faster than building a matrix."""

_PAIR = 2


def jaccard(left: Profile, right: Profile) -> float:
    """Shared features over all features of both, 0 to 1; 0 if neither has any: nothing says that they are alike."""
    union = len(left | right)
    return len(left & right) / union if union else 0.0


def cluster_alike(profiles: Sequence[Profile]) -> list[int]:
    """Number each profile by its cluster: average linkage on Jaccard distance, cut at `LARGEST_DISTANCE`.

    Equal profiles count once. Empty profiles are alike to nothing, not even to each other, and so are all profiles if
    more than `LARGEST_DENSE` differ: in doubt apart. The numbers say nothing; which profiles share one does not depend
    on the order given.
    """
    distinct = sorted({profile for profile in profiles if profile}, key=sorted)
    labels = _cluster_distinct(distinct)
    number = dict(zip(distinct, labels, strict=True))
    fresh = len(distinct)
    result = []
    for profile in profiles:
        if not profile:
            fresh += 1
        result.append(number[profile] if profile else fresh)
    return result


def all_alike(profiles: Iterable[Profile]) -> bool:
    """Whether all profiles that are not empty fall into one cluster; silence contradicts nobody."""
    return len(set(cluster_alike([profile for profile in profiles if profile]))) <= 1


def cohesion(profiles: Iterable[Profile]) -> float | None:
    """Mean pairwise Jaccard similarity, 0 to 1, rounded to 4 digits; silent members do not count.

    None with fewer than two members to compare. Beyond `LARGEST_DENSE` distinct profiles, the first of them in sorted
    order stand for all.
    """
    weights = Counter(profile for profile in profiles if profile)
    total = sum(weights.values())
    if total < _PAIR:
        return None
    distinct = sorted(weights, key=sorted)[:LARGEST_DENSE]
    weight = np.array([weights[profile] for profile in distinct], dtype=np.float64)
    similarity = 1.0 - _distances(distinct)
    pairs = float(weight.sum()) ** 2 - float(weight.sum())
    return round(float(weight @ similarity @ weight - weight.sum()) / pairs, 4) if pairs else None


def likeness_of_each(profiles: Sequence[Profile]) -> tuple[float | None, ...]:
    """Of each profile: mean Jaccard similarity with each other one that is not silent, 0 to 1, rounded to 4 digits.

    `1/(n-1) · Σ J(p, q)` over the other profiles q, where n is the number of all that are not silent; the mean of the
    results is `cohesion`. None for a silent profile, where there is no other, and beyond the first `LARGEST_DENSE`
    distinct profiles in sorted order, which alone are compared.
    """
    weights = Counter(profile for profile in profiles if profile)
    distinct = sorted(weights, key=sorted)[:LARGEST_DENSE]
    weight = np.array([weights[profile] for profile in distinct], dtype=np.float64)
    others = float(weight.sum()) - 1.0
    if others < 1.0:
        return (None,) * len(profiles)
    means = ((1.0 - _distances(distinct)) @ weight - 1.0) / others
    known = {profile: round(float(mean), 4) for profile, mean in zip(distinct, means, strict=True)}
    return tuple(known.get(profile) for profile in profiles)


def _cluster_distinct(distinct: Sequence[Profile]) -> list[int]:
    if len(distinct) < _PAIR or len(distinct) > LARGEST_DENSE:
        return list(range(len(distinct)))
    distances = _distances(distinct)
    far = distances >= LARGEST_DISTANCE
    if not far.any():
        return [0] * len(distinct)
    if far.sum() == len(distinct) * (len(distinct) - 1):
        return list(range(len(distinct)))
    model = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=LARGEST_DISTANCE
    )
    return [int(label) for label in model.fit_predict(distances)]


def _distances(profiles: Sequence[Profile]) -> npt.NDArray[np.float64]:
    """Jaccard distances between profiles that are not empty, by sets if they are few, else by one sparse product."""
    if len(profiles) <= FEW:
        rows = [[1.0 - jaccard(left, right) for right in profiles] for left in profiles]
        return np.array(rows, dtype=np.float64)
    columns = {number: column for column, number in enumerate(sorted(frozenset().union(*profiles)))}
    sizes = np.array([len(profile) for profile in profiles], dtype=np.float64)
    indices = np.array([columns[number] for profile in profiles for number in sorted(profile)], dtype=np.int64)
    pointers = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    ones = np.ones(len(indices), dtype=np.float64)
    matrix = csr_matrix((ones, indices, pointers), shape=(len(profiles), len(columns)))
    shared = np.asarray((matrix @ matrix.T).todense(), dtype=np.float64)
    union = sizes[:, None] + sizes[None, :] - shared
    distances: npt.NDArray[np.float64] = 1.0 - shared / union
    np.fill_diagonal(distances, 0.0)
    return distances
