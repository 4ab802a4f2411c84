"""How grouping writes its gaps: foreign names made harmless and short, advice that is safe to paste."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recommender.group.subject import Subject
    from recommender.model.edge import WorkloadEnd

MOST_EXAMPLES = 5
LONGEST_TEXT = 100

_SAFE_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?", re.ASCII)
_TEMPLATED = frozenset({"Deployment", "StatefulSet", "DaemonSet"})


def label_advice(end: WorkloadEnd) -> str:
    """A command if the names are safe to paste into a shell, else words."""
    advice = "Give it a label of its own, such as app.kubernetes.io/component, in its pod template; then capture again."
    if end.kind not in _TEMPLATED or not all(_SAFE_NAME.fullmatch(text) for text in (end.namespace, end.name)):
        return advice
    labels = {"app.kubernetes.io/component": end.name[:63].rstrip("-.")}
    patch = json.dumps({"spec": {"template": {"metadata": {"labels": labels}}}})
    command = f"kubectl -n {end.namespace} patch {end.kind.lower()} {end.name} --type merge -p '{patch}'"
    return f"{advice} {command} (this restarts its pods)"


def names_of(subjects: Sequence[Subject]) -> tuple[str, ...]:
    """The first few workloads by kind and name."""
    return tuple(shown(str(subject)) for subject in subjects[:MOST_EXAMPLES])


def cut(owners: Sequence[str]) -> tuple[str, ...]:
    """The first few of foreign names, each made harmless."""
    return tuple(shown(owner) for owner in owners[:MOST_EXAMPLES])


def listed(owners: Sequence[str]) -> str:
    """The first few names in a sentence, and how many more there are."""
    return ", ".join(cut(owners)) + more(owners)


def more(things: Sequence[object]) -> str:
    """How many things `names_of` and `cut` leave out; the empty text if none."""
    return f" and {len(things) - MOST_EXAMPLES} more" if len(things) > MOST_EXAMPLES else ""


def shown(text: str) -> str:
    """Foreign text for a sentence: control characters as `?`, cut to a bearable length."""
    plain = "".join(character if character.isprintable() else "?" for character in text)
    return plain if len(plain) <= LONGEST_TEXT else f"{plain[: LONGEST_TEXT - 1]}…"
