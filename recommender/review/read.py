"""decisions.yaml → decisions."""

from __future__ import annotations

import hashlib
import re
from datetime import date
from pathlib import PurePath
from typing import TYPE_CHECKING, Final, TypeVar

from recommender.model.decision import (
    Choice,
    Decisions,
    EdgeChoice,
    EdgeDecision,
    FindingChoice,
    FindingDecision,
    PolicyDecision,
    RuleChoice,
    RuleDecision,
    Signed,
)
from recommender.review.edge_text import edge_from_key
from recommender.review.yaml_nodes import did_you_mean, parse_yaml, read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from enum import StrEnum
    from pathlib import Path

    from recommender.review.yaml_nodes import Place

SCHEMA_VERSION: Final = 1
_TOP: Final = ("schema_version", "report", "policies", "rules", "edges", "findings")
_SIGNED: Final = ("reviewer", "note", "expires")
_DIGEST: Final = re.compile(r"[0-9a-f]{32}")
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{16}")
_Enum = TypeVar("_Enum", bound="StrEnum")
_Decision = TypeVar("_Decision")


def read_decisions(path: Path) -> Decisions:
    """What does this file decide?

    Raises:
        UsageError: An unknown field or word (with the nearest known one), a field that is missing, a digest that is
            none, a subject named twice; always with file and line.
    """
    root, content = read_yaml(path)
    return _decisions(root, content)


def parse_decisions(content: bytes, name: str) -> Decisions:
    """As `read_decisions`, of bytes that may become a file."""
    return _decisions(parse_yaml(content, name), content)


def _decisions(root: Place, content: bytes) -> Decisions:
    fields = root.mapping(_TOP, "the decisions file")
    version = fields.get("schema_version")
    if version is None or version.string("schema_version") != str(SCHEMA_VERSION):
        raise (version or root).refuse(f"`schema_version: {SCHEMA_VERSION}` is the only form that is known")
    report = fields["report"].string("report") if "report" in fields else ""
    return Decisions(
        policies=_each(fields, "policies", _policy, lambda item: item.policy),
        rules=_each(fields, "rules", _rule, lambda item: f"{item.policy}: {', '.join(item.edges)}"),
        edges=_each(fields, "edges", _edge, lambda item: item.edge),
        findings=_each(fields, "findings", _finding, lambda item: item.fingerprint),
        report=report,
        source=PurePath(root.file).name,
        digest=hashlib.blake2b(content, digest_size=16).hexdigest(),
    )


def _each(
    fields: Mapping[str, Place], name: str, read: Callable[[Place], _Decision], key: Callable[[_Decision], str]
) -> tuple[_Decision, ...]:
    """The decisions of one list, sorted by subject, which no two share."""
    found: dict[str, _Decision] = {}
    for place in fields[name].items(name) if name in fields else ():
        decision = read(place)
        subject = key(decision)
        if subject in found:
            raise place.refuse(f"`{subject}` is decided twice", "keep one of the two")
        found[subject] = decision
    return tuple(found[subject] for subject in sorted(found))


def _policy(place: Place) -> PolicyDecision:
    fields = _fields(place, "a policy", required=("policy", "decision"), optional=("digest",))
    choice = _choice(fields["decision"], Choice)
    digest = fields["digest"].string("digest") if "digest" in fields else ""
    if not _DIGEST.fullmatch(digest) and (digest or choice is not Choice.DEFER):
        raise fields.get("digest", place).refuse(
            "the digest is missing or none: it says which policy was decided on",
            "take it from the report, or export the decisions from there: 32 hex digits",
        )
    return PolicyDecision(
        policy=fields["policy"].string("policy"), digest=digest, choice=choice, signed=_signed(place, fields)
    )


def _edge(place: Place) -> EdgeDecision:
    fields = _fields(place, "an edge", required=("edge", "decision"))
    return EdgeDecision(
        edge=_edge_key(fields["edge"]), choice=_choice(fields["decision"], EdgeChoice), signed=_signed(place, fields)
    )


def _rule(place: Place) -> RuleDecision:
    fields = _fields(place, "a rule", required=("policy", "edges", "decision"), optional=("rule",))
    return RuleDecision(
        policy=fields["policy"].string("policy"),
        rule=fields["rule"].string("rule") if "rule" in fields else "",
        edges=tuple(sorted({_edge_key(item) for item in fields["edges"].items("edges")})),
        choice=_choice(fields["decision"], RuleChoice),
        signed=_signed(place, fields),
    )


def _finding(place: Place) -> FindingDecision:
    fields = _fields(place, "a finding", required=("finding", "decision"), optional=("subject",))
    fingerprint = fields["finding"].string("finding")
    if not _FINGERPRINT.fullmatch(fingerprint):
        raise fields["finding"].refuse(f"`{fingerprint}` is no finding", "take its fingerprint from the report")
    return FindingDecision(
        fingerprint=fingerprint, choice=_choice(fields["decision"], FindingChoice), signed=_signed(place, fields)
    )


def _fields(
    place: Place, what: str, *, required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> Mapping[str, Place]:
    fields = place.mapping((*required, *optional, *_SIGNED), what)
    for name in required:
        if name not in fields:
            raise place.refuse(f"{what} lacks the field `{name}`")
    return fields


def _choice(place: Place, kind: type[_Enum]) -> _Enum:
    known, given = [member.value for member in kind], place.string("decision")
    if given not in known:
        raise place.refuse(f"`{given}` is no decision here", did_you_mean(given, known))
    return kind(given)


def _edge_key(place: Place) -> str:
    text = place.string("edge")
    if edge_from_key(text) is None:
        raise place.refuse(
            f"`{text}` names no edge", "copy it from the report: shop/Deployment/web -> shop/Deployment/db TCP/5432"
        )
    return text


def _signed(place: Place, fields: Mapping[str, Place]) -> Signed:
    expires = fields.get("expires")
    return Signed(
        reviewer=fields["reviewer"].string("reviewer") if "reviewer" in fields else "",
        note=fields["note"].string("note") if "note" in fields else "",
        expires=None if expires is None or not expires.string("expires") else _day(expires),
        place=f"{PurePath(place.file).name}:{place.node.start_mark.line + 1}",
    )


def _day(place: Place) -> date:
    text = place.string("expires")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise place.refuse(f"`{text}` is no day", "write it as 2026-12-31") from None
