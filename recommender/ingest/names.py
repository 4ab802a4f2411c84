"""Which names can an endpoint have?

Names become file paths, selectors and keys, so one that Kubernetes or Cilium could not have given costs its record.
"""

from __future__ import annotations

import re
from typing import Final

from recommender.ingest.rejects import RejectedRecordError, RejectReason

_DNS_LABEL: Final = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?", re.ASCII)
_DNS_SUBDOMAIN: Final = re.compile(r"(?=.{1,253}\Z)[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?", re.ASCII)
_LABEL_VALUE: Final = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?", re.ASCII)
_OWNER: Final = re.compile(r"[-A-Za-z0-9_.:]{1,253}", re.ASCII)

_RULES: Final = {
    "namespace": (_DNS_LABEL, "a namespace (RFC 1123 label)"),
    "pod_name": (_DNS_SUBDOMAIN, "a pod name (RFC 1123 subdomain)"),
    "cluster_name": (_LABEL_VALUE, "a cluster name that can be a label value"),
    "workloads": (_OWNER, "a kind and a name of a workload"),
}


def checked(name: str | None, field: str) -> str | None:
    """The name if it is one that the endpoint's field can hold; None for none.

    Raises:
        RejectedRecordError: if it is not.
    """
    if not name:
        return None
    pattern, expected = _RULES[field]
    if pattern.fullmatch(name) is None:
        raise RejectedRecordError(RejectReason.WRONG_TYPE, f"expected {expected}, got {name[:80]!r} - at `$.{field}`")
    return name
