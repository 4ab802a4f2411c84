"""What one review answers to a request that reached it with the right token: the page, or a file that was saved."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING, Final

from recommender.errors import NetpolRecommendError, ReportError, UsageError
from recommender.report.served_page import served_page

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from recommender.report.served_page import ServedPage
    from recommender.rollout.serve.decisions_file import DecisionsFile

REPORT: Final = "report.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response without the headers that all have."""

    status: HTTPStatus
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A report directory, the decisions file beside or elsewhere, and the lock that makes saving one at a time."""

    directory: Path
    decisions: DecisionsFile
    saving: Lock = field(default_factory=Lock)

    def check(self) -> None:
        """Refuse what could not be served or saved later.

        Raises:
            UsageError: No report.html that this command can serve, or a decisions file that it cannot read or save.
        """
        self.decisions.check()
        self._page()

    def page(self) -> Answer:
        """The page as it lies on disk now, with the decisions as they stand in their file now."""
        try:
            page = self._page()
        except UsageError as error:
            return Answer(status=HTTPStatus.CONFLICT, body=f"{error}\n")
        return Answer(
            status=HTTPStatus.OK,
            body=page.text,
            headers={
                "Content-Type": "text/html; charset=utf-8",
                "Content-Security-Policy": page.content_security_policy,
            },
        )

    def save(self, content: bytes, seen: str) -> Answer:
        """Save a decisions file that the page sent; `seen` is the digest of the one that it was made upon."""
        try:
            with self.saving:
                saved = self.decisions.save(content, seen=seen)
        except ReportError as error:
            return Answer(status=HTTPStatus.INTERNAL_SERVER_ERROR, body=str(error))
        except NetpolRecommendError as error:
            return Answer(status=HTTPStatus.UNPROCESSABLE_ENTITY, body=str(error))
        name = self.decisions.path.name
        if saved is None:
            return Answer(
                status=HTTPStatus.PRECONDITION_FAILED,
                body=f"{name} changed since this page was loaded; reload the page to start from it",
            )
        decided = len(saved.policies) + len(saved.rules) + len(saved.edges) + len(saved.findings)
        return Answer(
            status=HTTPStatus.OK,
            body=f"{decided} {'decision' if decided == 1 else 'decisions'} saved to {name}",
            headers={"ETag": f'"{saved.digest}"'},
        )

    def _page(self) -> ServedPage:
        path = self.directory / REPORT
        try:
            text = path.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            problem = getattr(error, "strerror", None) or "it is no UTF-8"
            raise UsageError(
                f"cannot be read: {problem}", where=str(path), hint="a directory that a run wrote with -o"
            ) from error
        page = served_page(text, self.decisions.read())
        if page is None:
            raise UsageError(
                "is no page that can save decisions", where=str(path), hint="write the report again with this version"
            )
        return page
