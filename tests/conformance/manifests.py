"""`python -m tests.conformance.manifests`: would an API server, and Cilium, take every manifest that we write?

Reads directories of manifests and writes some of its own, for simulated clusters in every dialect. Each is validated by
the real schema of its kind: Kubernetes' own by kubernetes-validate, the others by their CustomResourceDefinition with
its CEL rules (`manifest-schemas`); Cilium's kinds also by the agent's own parser (`cilium-engine`). Prints a line for
each source and kind, and every refusal. Exit code 1 on any refusal, 2 if a program fails.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import kubernetes_validate
import yaml

from benchmarks.quality.clusters import SCENARIOS
from recommender import Settings, recommend
from recommender.model.manifest import Dialect
from recommender.model.shared_baseline import BaselineForm
from recommender.semantics.kinds import DocumentKind, kind_of
from tests.conformance.crds import crd_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

KUBERNETES_VERSION = "1.34"
_KUSTOMIZATION = "kustomization.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One manifest and where it is from."""

    source: str
    name: str
    text: str

    @property
    def kind(self) -> DocumentKind:
        """Of its document."""
        return kind_of(yaml.safe_load(self.text))


def manifests_in(directory: Path) -> Iterator[Written]:
    """The manifests of a directory; a kustomization is none."""
    for path in sorted(directory.rglob("*.yaml")):
        if path.name != _KUSTOMIZATION:
            yield Written(source=str(directory), name=str(path), text=path.read_text(encoding="utf-8"))


def manifests_of(cluster: str, scratch: Path) -> Iterator[Written]:
    """What we write for a simulated cluster, in every dialect and form of baselines."""
    (scenario,) = (item for item in SCENARIOS if item.name == cluster)
    capture = scratch / cluster
    simulation = scenario.simulation()
    simulation.write(capture)
    simulation.write_inventory(capture / "inventory.json")
    events = [str(path) for path in sorted(capture.glob("events-*"))]
    for dialect in Dialect:
        for form in BaselineForm if dialect is Dialect.CILIUM else (BaselineForm.INLINE,):
            made = recommend(events, Settings(dialect=dialect, baselines=form), inventory=[capture / "inventory.json"])
            for manifest in made.manifests:
                if not manifest.path.endswith(_KUSTOMIZATION):
                    yield Written(source=f"{cluster}, {dialect}, {form}", name=manifest.path, text=manifest.text)


def refused_by_schema(program: Path, crds: Sequence[Path], written: Sequence[Written]) -> dict[int, list[str]]:
    """What the schemas say against each manifest, by its number."""
    found: dict[int, list[str]] = {}
    custom = {n: one for n, one in enumerate(written) if one.kind is not DocumentKind.NETWORK_POLICY}
    for number, one in enumerate(written):
        if number not in custom:
            try:
                kubernetes_validate.validate(yaml.safe_load(one.text), KUBERNETES_VERSION, strict=True)
            except kubernetes_validate.ValidationError as error:
                found[number] = [error.message]
    questions = "".join(json.dumps({"name": str(n), "text": one.text}) + "\n" for n, one in custom.items())
    answers = subprocess.run(
        [program, *crds], input=questions.encode(), stdout=subprocess.PIPE, check=True
    ).stdout.splitlines()
    if len(answers) != len(custom):
        raise subprocess.SubprocessError("not every manifest was answered")
    for line in answers:
        answer = json.loads(line)
        if answer["errors"]:
            found[int(answer["name"])] = answer["errors"]
    return found


def refused_by_cilium(program: Path, written: Sequence[Written]) -> dict[int, list[str]]:
    """What Cilium's agent says against each of its own kinds, and against those of Kubernetes that it reads."""
    found: dict[int, list[str]] = {}
    read = {n: one for n, one in enumerate(written) if not one.kind.of_calico}
    waiting = list(read)
    while waiting:
        scenarios = "".join(
            json.dumps({"Name": f"#{n}", "Policies": [read[n].text], "Namespaces": {}, "Pods": [], "Queries": []})
            + "\n"
            for n in waiting
        )
        done = subprocess.run([program], input=scenarios.encode(), capture_output=True, check=False)
        if not done.returncode:
            break
        name, _, reason = done.stderr.decode().strip().partition(": ")
        refused = int(name.removeprefix("#"))
        found[refused] = [reason]
        waiting = waiting[waiting.index(refused) + 1 :]
    return found


def main(arguments: Sequence[str]) -> int:
    """Collect, ask, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.manifests", description=__doc__)
    parser.add_argument("--schemas", type=Path, required=True, help="the program manifest-schemas")
    parser.add_argument("--go", default="go", help="the go command, for the modules that hold the schemas")
    parser.add_argument("--engine", type=Path, help="the program cilium-engine")
    parser.add_argument("--clusters", nargs="*", default=[], help="simulated clusters, such as tiny-11")
    parser.add_argument("--directories", type=Path, nargs="*", default=[], help="directories of manifests")
    chosen = parser.parse_args(arguments)
    written = [one for directory in chosen.directories for one in manifests_in(directory)]
    with tempfile.TemporaryDirectory() as scratch:
        written += [one for cluster in chosen.clusters for one in manifests_of(cluster, Path(scratch))]
    try:
        by_schema = refused_by_schema(chosen.schemas, crd_files(chosen.go), written)
        by_cilium = refused_by_cilium(chosen.engine, written) if chosen.engine else {}
    except (subprocess.SubprocessError, ValueError) as error:
        sys.stderr.write(f"a program failed: {error}\n")
        return 2
    _print(written, by_schema, by_cilium, asked_cilium=chosen.engine is not None)
    return int(bool(by_schema or by_cilium))


def _print(
    written: Sequence[Written],
    by_schema: dict[int, list[str]],
    by_cilium: dict[int, list[str]],
    *,
    asked_cilium: bool,
) -> None:
    sources: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for number, one in enumerate(written):
        sources[one.source, one.kind.label].append(number)
    for (source, kind), numbers in sources.items():
        schema = sum(number in by_schema for number in numbers)
        cilium = sum(number in by_cilium for number in numbers)
        asked = f", by Cilium {cilium}" if asked_cilium and not written[numbers[0]].kind.of_calico else ""
        sys.stdout.write(f"{source}: {len(numbers)} {kind}, refused by schema {schema}{asked}\n")
    for refusals in (by_schema, by_cilium):
        for number, reasons in sorted(refusals.items()):
            sys.stdout.write(f"{written[number].source}: {written[number].name}: {'; '.join(reasons)}\n")
    refused = len(by_schema.keys() | by_cilium.keys())
    sys.stdout.write(f"accepted {len(written) - refused} of {len(written)}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
