"""What the site needs beyond MkDocs: pages beside docs/, folders in the navigation, an anchor for each finding."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT: Final = Path(__file__).parents[1]
# Pages of the repository that are read where they lie, and their place on the site.
BESIDE: Final = {"deploy/README.md": "deploy.md", "CHANGELOG.md": "changes.md", "CONTRIBUTING.md": "contributing.md"}
_PLACES: Final = {place: path for path, place in BESIDE.items()}
_LINK: Final = re.compile(r"(?<=\]\()(?!https?:|#)([^)#\s]+)")
_FINDINGS: Final = "findings/README.md"
_ROW: Final = re.compile(r"<td>(NPR\d{3})</td>")
_CODE: Final = re.compile(r"\bNPR\d{3}\b")
_TAG: Final = re.compile(r"(<[^>]+>)")
_LEFT_AS_IT_IS: Final = re.compile(r"<(/?)(?:a|code|pre|h\d)\b")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Navigation entries that are folders become their pages; those beside docs/ get their place on the site."""
    if config.nav is not None:
        config.nav = [_placed(entry, Path(config.docs_dir)) for entry in config.nav]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages that lie beside docs/."""
    for path, place in BESIDE.items():
        files.append(File.generated(config, place, content=(ROOT / path).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Links between pages of the repository lead to their places on the site."""
    here = page.file.src_uri
    source = posixpath.dirname(_PLACES.get(here, f"docs/{here}"))

    def led(found: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(source, found[1]))
        place = BESIDE.get(target, target.removeprefix("docs/") if target.startswith("docs/") else None)
        return posixpath.relpath(place, posixpath.dirname(here) or ".") if place else found[1]

    return _LINK.sub(led, markdown)


def on_page_content(html: str, page: Page, files: Files, **_: Any) -> str:
    """Each finding's row can be linked to, and codes in the text lead there."""
    findings = files.get_file_from_path(_FINDINGS)
    if findings is None:
        return html
    if page.file is findings:
        return _ROW.sub(lambda row: f'<td id="{row[1].lower()}"><a href="#{row[1].lower()}">{row[1]}</a></td>', html)
    return _linked(html, findings.url_relative_to(page.file))


def _linked(html: str, findings: str) -> str:
    """The page with a link at each code of a finding that stands in plain text."""
    parts, depth = _TAG.split(html), 0
    for place, part in enumerate(parts):
        if tag := _LEFT_AS_IT_IS.match(part):
            depth += -1 if tag[1] else 1
        elif depth == 0 and not part.startswith("<"):
            parts[place] = _CODE.sub(lambda code: f'<a href="{findings}#{code[0].lower()}">{code[0]}</a>', part)
    return "".join(parts)


def _placed(entry: Any, docs: Path) -> Any:
    match entry:
        case str() if entry.startswith("../"):
            return BESIDE[entry.removeprefix("../")]
        case str() if entry.endswith("/"):
            return [path.relative_to(docs).as_posix() for path in _in_order(docs / entry)]
        case str():
            return entry
        case list():
            return [_placed(one, docs) for one in entry]
        case dict():
            return {title: _placed(one, docs) for title, one in entry.items()}
    raise TypeError(entry)


def _in_order(folder: Path) -> list[Path]:
    """The folder's pages, its README first."""
    return sorted(folder.glob("*.md"), key=lambda path: (path.name != "README.md", path.name))
