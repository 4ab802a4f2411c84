"""Where a manifest goes. Namespaces and clusters come from captures, so they are never trusted as path components."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from recommender.model.edge import WorkloadEnd

if TYPE_CHECKING:
    from recommender.model.edge import End
    from recommender.model.policy import Policy

_ROOT = "policies"
_DNS_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_MAX_STEM = 40

CLUSTER_WIDE_FOLDER = "_cluster"
HELD_FOLDER = "quarantine"
HELD_SUFFIX = ".yaml.held"
"""kubectl, kustomize and GitOps controllers take `.yaml`, `.yml` and `.json` from a directory and pass over this one;
kubectl still reads a file that is named (cli-runtime, `ExpandPathsToFileVisitors`)."""
_OUTSIDE_FOLDER = "_outside"
KUSTOMIZATION_PATH = f"{_ROOT}/kustomization.yaml"


def manifest_path(policy: Policy, *, several_clusters: bool, part: int = 1) -> str:
    """The manifest's path below the output directory: `policies/[<cluster>/]<namespace>/<policy>[_<part>].yaml`.

    Objects that are cluster-wide but govern one group stand in the folder of its namespace too. Parts sort in the order
    in which they must be applied: `_` comes after `.`.
    """
    parts = [policy.group.cluster] if several_clusters else []
    folders = [path_component(one) for one in (*parts, policy.group.namespace)]
    suffix = "" if part == 1 else f"_{part:02}"
    return "/".join([_ROOT, *folders, f"{path_component(policy.name)}{suffix}.yaml"])


def part_name(name: str, part: int) -> str:
    """The name of one of the objects that say a policy together; the first bears the policy's own."""
    return name if part == 1 else f"{name}-{part}"


def cluster_wide_path(name: str, cluster: str) -> str:
    """The path of an object without a namespace: `policies/[<cluster>/]_cluster/<name>.yaml`.

    The underscore keeps the folder apart from every namespace.
    """
    folders = [path_component(cluster)] if cluster else []
    return "/".join([_ROOT, *folders, CLUSTER_WIDE_FOLDER, f"{path_component(name)}.yaml"])


def held_path(client: End, *, several_clusters: bool) -> str:
    """The file for the quarantined edges of one client: `quarantine/[<cluster>/]<namespace>/<kind>-<name>.yaml.held`.

    Clients that are no pods share one file.
    """
    if not isinstance(client, WorkloadEnd):
        return f"{HELD_FOLDER}/{_OUTSIDE_FOLDER}/clients{HELD_SUFFIX}"
    parts = [client.cluster] if several_clusters else []
    folders = [path_component(part) for part in (*parts, client.namespace)]
    return "/".join([HELD_FOLDER, *folders, f"{path_component(f'{client.kind.lower()}-{client.name}')}{HELD_SUFFIX}"])


def path_component(text: str) -> str:
    """The text if it is a DNS label, as every namespace is; else a harmless stem with a hash that keeps it unique.

    The stem carries an underscore, which no DNS label holds, so it never collides with a real name.
    """
    if _DNS_LABEL.fullmatch(text):
        return text
    stem = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:_MAX_STEM].strip("-")
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return f"{stem or 'unnamed'}_{digest}"
