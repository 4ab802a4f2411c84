"""Selectors in Calico's expression language.

Its literals have no escapes, and its keys are of few letters (Calico docs, "Selectors"), so what does not fit cannot be
said: no text from a capture ever becomes part of an expression's structure. Every label that Kubernetes accepts fits.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from recommender.dialect.label_selector import Without, wanted_labels

if TYPE_CHECKING:
    from recommender.dialect.label_selector import Asked
    from recommender.model.group import Selector

NAMESPACE_NAME: Final = "kubernetes.io/metadata.name"
ACCOUNT_NAME: Final = "projectcalico.org/name"
"""The label that Calico gives every service account: its name."""

_KEY: Final = re.compile(r"[a-zA-Z0-9_./-]{1,512}")
_TEXT: Final = re.compile(r"[A-Za-z0-9._-]*")
"""What a Kubernetes label's value is made of."""


def labels_expression(selector: Selector) -> str | None:
    """The pods with these labels; `all()` without any, None if Calico has no words for them."""
    parts = [_part(key, values) for key, values in sorted(wanted_labels(selector).items())]
    if any(part is None for part in parts):
        return None
    return " && ".join(part for part in parts if part) or "all()"


def named(key: str, name: str) -> str | None:
    """What bears this name under the key; None if Calico has no words for it."""
    return _part(key, (name,))


def _part(key: str, values: Asked) -> str | None:
    if not _KEY.fullmatch(key):
        return None
    if values is None:
        return f"!has({key})"
    without = isinstance(values, Without)
    texts = values.values if isinstance(values, Without) else values
    if not all(_TEXT.fullmatch(text) for text in texts):
        return None
    if len(texts) > 1 or without:
        listed = ", ".join(f"'{text}'" for text in texts)
        return f"{key} {'not in' if without else 'in'} {{{listed}}}"
    return f"{key} == '{texts[0]}'" if texts else f"has({key})"
