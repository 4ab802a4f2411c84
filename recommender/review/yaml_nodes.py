"""YAML that a person may have edited, read with the line of everything, so that an error can say where."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import yaml

from recommender.errors import UsageError
from recommender.foreign_yaml import look_over

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

LARGEST_FILE: Final = 32 * 1024 * 1024
_HINT: Final = "export it from the report again, or correct the line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A node and the file that it stands in."""

    file: str
    node: yaml.Node

    @property
    def text(self) -> str:
        """`file:line`."""
        return f"{self.file}:{self.node.start_mark.line + 1}"

    def refuse(self, what: str, hint: str = _HINT) -> UsageError:
        """The error that something is wrong here."""
        return UsageError(what, where=self.text, hint=hint)

    def mapping(self, known: Iterable[str], what: str) -> Mapping[str, Place]:
        """Its fields, none unknown and none twice."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.refuse(f"{what} must be a mapping of fields")
        names, fields = list(known), dict[str, Place]()
        for key, value in self.node.value:
            place = Place(file=self.file, node=key)
            if not isinstance(key, yaml.ScalarNode) or key.value not in names:
                given = key.value if isinstance(key, yaml.ScalarNode) else "?"
                raise place.refuse(f"unknown field `{given}` in {what}", did_you_mean(given, names))
            if key.value in fields:
                raise place.refuse(f"the field `{key.value}` stands twice in {what}")
            fields[key.value] = Place(file=self.file, node=value)
        return fields

    def items(self, what: str) -> list[Place]:
        """Its list items."""
        if self.is_empty:
            return []
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.refuse(f"{what} must be a list")
        return [Place(file=self.file, node=item) for item in self.node.value]

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands here."""
        return isinstance(self.node, yaml.ScalarNode) and self.node.value == "" and self.node.tag.endswith(":null")

    def string(self, what: str) -> str:
        """Its text as it stands, whatever type YAML would give it."""
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.refuse(f"{what} must be a text")
        return str(self.node.value)


def read_yaml(path: Path) -> tuple[Place, bytes]:
    """The only document of a file, and its bytes.

    Raises:
        UsageError: It cannot be read, is no YAML, holds several documents or anchors and aliases.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path)) from error
    return parse_yaml(content, str(path)), content


def parse_yaml(content: bytes, name: str) -> Place:
    """As `read_yaml`, of bytes."""
    if len(content) > LARGEST_FILE:
        raise UsageError(f"is larger than {LARGEST_FILE // 1024 // 1024} MiB", where=name, hint=_HINT)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        text = content.decode("utf-8")
        look_over(text, aliases=False)
        node = yaml.compose(text, Loader=loader)
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name}:{mark.line + 1}" if mark else name
        problem = getattr(error, "problem", None) or str(error)
        raise UsageError(f"is no YAML: {problem}", where=where, hint=_HINT) from error
    if node is None:
        raise UsageError("is empty", where=name, hint=_HINT)
    return Place(file=name, node=node)


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """The nearest known word, and all of them."""
    names = list(known)
    near = difflib.get_close_matches(given, names, n=1)
    guess = f"did you mean `{near[0]}`? " if near else ""
    return f"{guess}known: {', '.join(names)}"
