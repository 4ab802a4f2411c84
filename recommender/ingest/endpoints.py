"""Side tables: endpoints and label sets, each row named by a hash of its content."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import msgspec

from recommender.ingest.messages import EndpointMessage
from recommender.ingest.names import checked
from recommender.ingest.rejects import RejectedRecordError, RejectReason, record_batch
from recommender.ingest.spelling import respell
from recommender.model.flow_schema import ENDPOINT_SCHEMA, LABEL_SET_SCHEMA
from recommender.model.labels import CLUSTER_KEY, NAMESPACE_KEY

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

_CACHE_BYTES: Final = 128 * 2**20
_NAMESPACE_LABEL: Final = f"k8s:{NAMESPACE_KEY}="
_CLUSTER_LABEL: Final = f"k8s:{CLUSTER_KEY}="
_UNDECODABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError)


def content_hash(content: object) -> int:
    """64 bits that depend only on the content: equal on every machine, in every run and order."""
    digest = hashlib.blake2b(msgspec.json.encode(content), digest_size=8).digest()
    return int.from_bytes(digest, "big")


class EndpointTable:
    """Turns endpoint objects into ids and gathers the rows that were not met before.

    The same endpoint comes back in most flows, byte for byte; so its id is looked up by the raw bytes, and the object
    is decoded only when they are new.
    """

    def __init__(self) -> None:
        self._ids: dict[bytes, int | None] = {}
        self._cached_bytes = 0
        self._endpoints_seen: set[int] = set()
        self._label_sets_seen: set[int] = set()
        self._endpoints: list[tuple[object, ...]] = []
        self._label_sets: list[tuple[object, ...]] = []

    def id_of(self, raw: bytes, side: str) -> int | None:
        """The endpoint's id, or None for `null`; `side` is `source` or `destination`, for the message of a reject.

        Raises:
            RejectedRecordError: if it is not an endpoint.
        """
        try:
            return self._ids[raw]
        except KeyError:
            return self._learn(raw, side)

    def take(self) -> tuple[pa.RecordBatch, pa.RecordBatch]:
        """Endpoints and label sets met since the last call, as ENDPOINT_SCHEMA and LABEL_SET_SCHEMA."""
        endpoints, self._endpoints = self._endpoints, []
        label_sets, self._label_sets = self._label_sets, []
        return record_batch(endpoints, ENDPOINT_SCHEMA), record_batch(label_sets, LABEL_SET_SCHEMA)

    def _learn(self, raw: bytes, side: str) -> int | None:
        try:
            endpoint_id = None if raw == b"null" else self._add(_decode(raw))
        except RejectedRecordError as error:
            raise RejectedRecordError(error.reason, _located(error.detail, f"$.flow.{side}")) from error
        if self._cached_bytes > _CACHE_BYTES:
            self._ids.clear()
            self._cached_bytes = 0
        self._ids[raw] = endpoint_id
        self._cached_bytes += len(raw)
        return endpoint_id

    def _add(self, message: EndpointMessage) -> int:
        labels = sorted(set(message.labels or ()))
        owner = message.workloads[0] if message.workloads else None
        names = (
            checked(message.cluster_name or _label_value(labels, _CLUSTER_LABEL), "cluster_name"),
            checked(message.namespace or _label_value(labels, _NAMESPACE_LABEL), "namespace"),
            checked(message.pod_name, "pod_name"),
            checked(owner.kind, "workloads") if owner else None,
            checked(owner.name, "workloads") if owner else None,
        )
        row = (message.ID is not None, message.identity, *names, self._add_labels(labels))
        endpoint_id = content_hash(("endpoint", row))
        if endpoint_id not in self._endpoints_seen:
            self._endpoints_seen.add(endpoint_id)
            self._endpoints.append((endpoint_id, *row))
        return endpoint_id

    def _add_labels(self, labels: list[str]) -> int | None:
        if not labels:
            return None
        label_set_id = content_hash(("labels", labels))
        if label_set_id not in self._label_sets_seen:
            self._label_sets_seen.add(label_set_id)
            self._label_sets.append((label_set_id, labels))
        return label_set_id


def _decode(raw: bytes) -> EndpointMessage:
    try:
        spelled = respell(msgspec.json.decode(raw))
        return msgspec.convert(spelled, EndpointMessage, strict=False)
    except RecursionError as error:
        raise RejectedRecordError(RejectReason.TOO_DEEP) from error
    except msgspec.ValidationError as error:
        raise RejectedRecordError(RejectReason.WRONG_TYPE, str(error)) from error
    except _UNDECODABLE as error:
        raise RejectedRecordError(RejectReason.MALFORMED_JSON, str(error)) from error


def _located(detail: str, place: str) -> str:
    """The detail with the path that leads to the endpoint."""
    if "`$" in detail:
        return detail.replace("`$", f"`{place}")
    return f"{detail} - at `{place}`" if detail else f"at `{place}`"


def _label_value(labels: Sequence[str], prefix: str) -> str | None:
    for label in labels:
        if label.startswith(prefix):
            return label[len(prefix) :] or None
    return None
