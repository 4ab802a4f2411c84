"""Runs the reachability tests through kubectl and reports JUnit. Needs Python 3.9 or newer and nothing else.

Stands in the package to be tested, and is copied into every suite as it is.
"""

from __future__ import annotations

import argparse
import ipaddress
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_RESULT = re.compile(r"^RESULT (\d+) (open|shut)$", re.MULTILINE)
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class KubectlError(Exception):
    """kubectl did not do what it was asked for."""


@dataclass(frozen=True)
class Outcome:
    """What became of one check."""

    check: dict[str, Any]
    source: str
    failure: str = ""
    skipped: str = ""


def load(folder: Path | None = None) -> dict[str, Any]:
    """The matrix beside this file."""
    path = (folder or Path(__file__).parent) / "matrix.json"
    matrix: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return matrix


def try_all(
    matrix: dict[str, Any], *, kubectl: Sequence[str] = ("kubectl",), folder: Path | None = None, only: str = ""
) -> Iterator[Outcome]:
    """Every check of every source, one Job after another; a Job is deleted whatever happens."""
    base = folder or Path(__file__).parent
    chosen = [source for source in matrix["sources"] if source["name"].startswith(only)]
    meant = {cluster for cluster in matrix["clusters"] if any(s["name"].startswith(f"{cluster}/") for s in chosen)}
    if len(meant) > 1:
        raise KubectlError(f"sources of {len(meant)} clusters: name one, such as --only {min(meant)}/ -- --context …")
    for source in chosen:
        yield from _try_source(source, (base / source["job"]).read_text(encoding="utf-8"), kubectl)


def _try_source(source: dict[str, Any], text: str, kubectl: Sequence[str]) -> Iterator[Outcome]:
    absent = set()
    for check in source["checks"]:
        if not check["host"]:
            address = _pod_address(check["namespace"], check["selector"], kubectl)
            if not address:
                absent.add(check["number"])
            # TEST-NET-1 (RFC 5737) stands for a pod that is not there; its check is skipped.
            text = text.replace(check["token"], address or "192.0.2.1")
    place = ["-n", source["namespace"]]
    job = f"job/{source['job_name']}"
    try:
        _run([*kubectl, "apply", "-f", "-"], stdin=text)
        _wait(kubectl, place, job, 120 + source["seconds"])
        states = {int(number): state for number, state in _RESULT.findall(_run([*kubectl, "logs", *place, job]))}
    finally:
        _run([*kubectl, "delete", *place, job, "--ignore-not-found", "--wait=false"], fails=False)
    alive = any(states.get(c["number"]) == "open" for c in source["checks"] if c["expect"] == "open")
    for check in source["checks"]:
        yield _outcome(source["name"], check, states.get(check["number"], ""), alive, check["number"] in absent)


def _outcome(source: str, check: dict[str, Any], state: str, alive: bool, absent: bool) -> Outcome:  # noqa: FBT001 - private
    if absent:
        return Outcome(check, source, skipped="no running pod of the target")
    if not state:
        return Outcome(check, source, failure="the Job ended before it was tried")
    if check["expect"] == "shut" and state == "shut" and not alive:
        return Outcome(check, source, skipped="the pod reached nothing at all, so this proves nothing")
    if check["expect"] == "shut" and state == "shut" and check["protocol"] == "UDP":
        return Outcome(check, source, skipped="nothing came back, and by UDP silence proves nothing")
    if state != check["expect"]:
        said = "passes and must not" if state == "open" else "does not pass and must"
        return Outcome(check, source, failure=f"{check['id']}: {said} ({check['why']})")
    return Outcome(check, source)


def _pod_address(namespace: str, selector: str, kubectl: Sequence[str]) -> str:
    running = "--field-selector=status.phase=Running"
    found = _run([*kubectl, "get", "pods", "-n", namespace, "-l", selector, running, "-o", "json"])
    for pod in json.loads(found).get("items", ()):
        owners = pod.get("metadata", {}).get("ownerReferences", ())
        text = pod.get("status", {}).get("podIP", "")
        if text and not any(owner.get("name", "").startswith("netpol-reachability-") for owner in owners):
            return str(ipaddress.ip_address(text))
    return ""


def _wait(kubectl: Sequence[str], place: list[str], job: str, seconds: int) -> None:
    _run([*kubectl, "wait", *place, job, "--for=condition=complete", f"--timeout={seconds}s"])


def _run(command: list[str], *, stdin: str | None = None, fails: bool = True) -> str:
    ended = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)  # noqa: S603 - kubectl, no shell
    if ended.returncode and fails:
        raise KubectlError(f"{' '.join(command)}: {ended.stderr.strip()}")
    return ended.stdout


def junit(outcomes: Sequence[Outcome]) -> str:
    """A JUnit report, a test for each check."""
    suite = ET.Element("testsuite", name="reachability", tests=str(len(outcomes)))
    for kind, count in (
        ("failures", sum(bool(item.failure) for item in outcomes)),
        ("skipped", sum(bool(item.skipped) for item in outcomes)),
    ):
        suite.set(kind, str(count))
    for item in outcomes:
        case = ET.SubElement(suite, "testcase", classname=_xml(item.source), name=_xml(item.check["id"]))
        if item.failure:
            ET.SubElement(case, "failure", message=_xml(item.failure), type=item.check["expect"])
        elif item.skipped:
            ET.SubElement(case, "skipped", message=_xml(item.skipped))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(suite, encoding="unicode")}\n'


def _xml(text: str) -> str:
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if all is as expected, 1 if not, 2 if kubectl fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kubectl", default="kubectl", help="the program, with --context or such after --")
    parser.add_argument("--junit", metavar="FILE", help="write a JUnit report")
    parser.add_argument("--only", default="", metavar="PREFIX", help="sources whose name starts so")
    parser.add_argument("further", nargs="*", help="arguments for every kubectl call, after --")
    given = parser.parse_args(arguments)
    outcomes: list[Outcome] = []
    try:
        for outcome in try_all(load(), kubectl=(given.kubectl, *given.further), only=given.only):
            outcomes.append(outcome)
            mark = "FAIL" if outcome.failure else "skip" if outcome.skipped else "ok"
            print(f"{mark:4} {ascii(outcome.check['id'])[1:-1]}", *([outcome.skipped] if outcome.skipped else []))
    except (KubectlError, OSError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    finally:
        if given.junit:
            Path(given.junit).write_text(junit(outcomes), encoding="utf-8")
    failed = sum(bool(item.failure) for item in outcomes)
    print(f"{len(outcomes)} checks, {failed} failed, {sum(bool(item.skipped) for item in outcomes)} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
