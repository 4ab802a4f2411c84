"""Strict reading of one parsed YAML document: every refusal names the field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recommender.errors import InvalidPolicyError


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A value inside a policy document, and the path that leads to it."""

    value: Any
    path: str
    policy: str
    """`Kind/namespace/name`, for messages."""

    def refusal(self, reason: str) -> InvalidPolicyError:
        """The error to raise when an API server or Cilium would refuse this value."""
        return InvalidPolicyError(
            f"{self.path or 'document'}: {reason}",
            where=self.policy,
            hint="correct the manifest; `kubectl apply --dry-run=server` shows what the API server says",
        )

    def known(self, *fields: str) -> Node:
        """This node, after checking that it is a mapping with no other fields than these."""
        if not isinstance(self.value, Mapping):
            raise self.refusal(f"must be a mapping, not {_kind(self.value)}")
        for key in self.value:
            if key not in fields:
                raise self.refusal(f'unknown field "{key}"')
        return self

    def get(self, key: str) -> Node | None:
        """A field's node, or None if it is absent or null (null means absent in both APIs)."""
        if not isinstance(self.value, Mapping):
            raise self.refusal(f"must be a mapping, not {_kind(self.value)}")
        value = self.value.get(key)
        return None if value is None else Node(value=value, path=f"{self.path}.{key}".lstrip("."), policy=self.policy)

    def need(self, key: str) -> Node:
        """A field that must be there."""
        node = self.get(key)
        if node is None:
            raise self.refusal(f"{key} is missing")
        return node

    def items(self) -> tuple[Node, ...]:
        """The nodes of a list."""
        if not isinstance(self.value, list):
            raise self.refusal(f"must be a list, not {_kind(self.value)}")
        return tuple(
            Node(value=value, path=f"{self.path}[{index}]", policy=self.policy)
            for index, value in enumerate(self.value)
        )

    def list_of(self, key: str) -> tuple[Node, ...]:
        """The nodes of a list field; empty if the field is absent."""
        node = self.get(key)
        return node.items() if node else ()

    def text(self) -> str:
        """A string."""
        if not isinstance(self.value, str):
            raise self.refusal(f"must be a string, not {_kind(self.value)}")
        return self.value

    def integer(self) -> int:
        """A whole number; booleans and quoted numbers are refused as the API server does."""
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise self.refusal(f"must be an integer, not {_kind(self.value)}")
        return self.value

    def boolean(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            raise self.refusal(f"must be true or false, not {_kind(self.value)}")
        return self.value

    def text_map(self) -> dict[str, str]:
        """A mapping of strings to strings, such as `matchLabels`."""
        if not isinstance(self.value, Mapping):
            raise self.refusal(f"must be a mapping, not {_kind(self.value)}")
        for key, value in self.value.items():
            if not isinstance(key, str) or not isinstance(value, str):
                raise self.refusal(f"{key!r} must map a string to a string")
        return dict(self.value)


def _kind(value: Any) -> str:
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "a list", dict: "a mapping"}
    return "null" if value is None else names.get(type(value), type(value).__name__)
