"""YAML that others wrote, looked over before it is loaded.

libyaml composes nested nodes recursively and ends the process where they are nested deeply enough; and a few lines of
aliases can stand for more objects than any memory holds.
"""

from __future__ import annotations

from typing import Any, Final

import yaml

MOST_LEVELS: Final = 200
"""Kubernetes objects nest less than twenty levels deep; Python's own limit is 1,000."""
_LOADER: Final[type[Any]] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STARTS: Final = (yaml.SequenceStartEvent, yaml.MappingStartEvent)
_ENDS: Final = (yaml.SequenceEndEvent, yaml.MappingEndEvent)


def look_over(text: str, *, aliases: bool) -> None:
    """Refuse a text that is nested too deeply, or, unless `aliases` are welcome, that refers to itself.

    Raises:
        yaml.YAMLError: the text is refused, or no YAML.
    """
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        mark: Any = event.start_mark
        if isinstance(event, _STARTS):
            depth += 1
            if depth > MOST_LEVELS:
                raise yaml.composer.ComposerError(None, None, "nested too deeply", mark)
        elif isinstance(event, _ENDS):
            depth -= 1
        elif isinstance(event, yaml.AliasEvent) and not aliases:
            raise yaml.composer.ComposerError(None, None, "an alias, which is not read here", mark)
