"""`metadata` of a policy: its name, its namespace, and whether an API server would take it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from recommender.semantics.selectors import check_label_key, check_label_value

if TYPE_CHECKING:
    from recommender.semantics.document import Node

_SUBDOMAIN: Final = re.compile(r"(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_DNS_LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_ANNOTATION_BYTES: Final = 256 * 1024


def read_metadata(node: Node) -> tuple[str, str]:
    """Name and namespace (empty if there is none) of an object.

    Source: Kubernetes docs "Object names and IDs", "Annotations"; other fields are the API server's own and not read.

    Raises:
        InvalidPolicyError: A name, label or annotation that an API server refuses.
    """
    name = node.need("name")
    if not _SUBDOMAIN.fullmatch(name.text()):
        raise name.refusal(f'"{name.value}" is not a lower-case DNS name')
    namespace = node.get("namespace")
    if namespace and not _DNS_LABEL.fullmatch(namespace.text()):
        raise namespace.refusal(f'"{namespace.value}" is not a namespace name')
    labels, annotations = node.get("labels"), node.get("annotations")
    for key, value in labels.text_map().items() if labels else ():
        check_label_key(node, key)
        check_label_value(node, value)
    for key in annotations.text_map() if annotations else ():
        check_label_key(node, key)
    if annotations and sum(len(f"{key}{text}".encode()) for key, text in annotations.value.items()) > _ANNOTATION_BYTES:
        raise annotations.refusal("annotations are larger than 256 KiB together")
    return name.text(), namespace.text() if namespace else ""
