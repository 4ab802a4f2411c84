"""A set of policies as a user names it: a directory of manifests, a file, or the report of a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from recommender.errors import UsageError
from recommender.judging import manifests_at, report_beside
from recommender.model.manifest import Manifest
from recommender.semantics.policy_files import read_policy_files
from recommender.semantics.reading import policy_name
from recommender.semantics.recorded_report import HINT, RecordedReport, read_view, recorded_report

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.semantics.policy_files import PolicyFiles, PolicySource

REPORT: Final = "recommendation.json"
POLICIES: Final = "policies"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySide:
    """Policies, and what the run that wrote them knew."""

    path: str
    files: PolicyFiles
    view: Mapping[str, Any] | None
    """The recommendation.json that belongs to them; None if there is none."""
    report: RecordedReport
    """Its workloads and edges, and the policies that it judged beside its own; empty without one."""

    @property
    def sources(self) -> tuple[PolicySource, ...]:
        """The policy documents with their places."""
        return self.files.sources

    @property
    def names(self) -> frozenset[str]:
        """`Kind/namespace/name` of each policy."""
        return frozenset(policy_name(document.document) for document in self.files.documents)

    def beside(self, name: str) -> Path | None:
        """A file of this name in the report's directory, if there is one."""
        place = Path(self.path)
        found = (place if place.is_dir() else place.parent) / name
        return found if found.is_file() else None


def read_side(path: Path, *, report: Path | None = None) -> PolicySide:
    """Which policies does a user mean by this path?

    A report directory stands for its `policies/`, a recommendation.json for the manifests inside it, everything else
    for the YAML and JSON files that it is or holds.

    Args:
        path: A report directory, a recommendation.json, a directory of manifests, or a file.
        report: The recommendation.json that belongs to the policies; by default the one in or beside the directory.

    Raises:
        InvalidPolicyError: A text is no YAML.
        UsageError: There is nothing to read.
    """
    if path.is_dir() and (path / REPORT).is_file() and (path / POLICIES).is_dir():
        view_path: Path | None = report or path / REPORT
        manifests = manifests_at(path / POLICIES)
    elif path.name == REPORT and path.is_file():
        view_path = path
        manifests = manifests_in(read_view(path), path)
    else:
        view_path = report or report_beside(path)
        manifests = manifests_at(path)
    view = read_view(view_path) if view_path else None
    return PolicySide(
        path=str(path),
        files=read_policy_files(manifests),
        view=view,
        report=recorded_report(view, view_path) if view and view_path else RecordedReport(),
    )


def manifests_in(view: Mapping[str, Any], path: Path) -> tuple[Manifest, ...]:
    """The manifests that a recommendation.json holds, shared baselines first.

    Raises:
        UsageError: It is not what a run writes.
    """
    try:
        items = [baseline["manifest"] for baseline in view.get("baselines", ())]
        items += [manifest for policy in view["policies"] for manifest in policy["manifests"]]
        return tuple(
            Manifest(path=str(item["path"]), policy=str(item["policy"]), text=str(item["text"])) for item in items
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"is no recommendation.json: {error!r}", where=str(path), hint=HINT) from error
