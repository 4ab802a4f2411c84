"""A kubectl that runs Jobs on this machine: `apply` keeps one, `logs` runs its script with the tools of BINARIES."""

import json
import os
import subprocess
import sys
from pathlib import Path

import yaml

state = Path(os.environ["FAKE_KUBECTL_STATE"])
arguments = sys.argv[1:]
with (state / "calls").open("a") as calls:
    calls.write(json.dumps(arguments) + "\n")

match arguments:
    case ["apply", "-f", "-"]:
        (state / "job.yaml").write_text(sys.stdin.read())
    case ["get", "pods", *_]:
        print((state / "pods.json").read_text())
    case ["wait", *_] if (state / "never-completes").exists():
        sys.exit("error: timed out waiting for the condition")
    case ["logs", *_]:
        container = yaml.safe_load((state / "job.yaml").read_text())["spec"]["template"]["spec"]["containers"][0]
        given = {item["name"]: item["value"] for item in container["env"]}
        path = f"{state / 'bin'}:{os.environ['PATH']}"
        subprocess.run(container["command"], env={**given, "PATH": path}, check=True)
