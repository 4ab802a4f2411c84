"""A plan as a folder of files: waves with manifests, kustomization, instructions and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import yaml

from recommender.report.json_form import render_json
from recommender.rollout.waves.audit_mode import SCRIPT, audit_script
from recommender.rollout.waves.instructions import wave_readme
from recommender.rollout.waves.overview import overview
from recommender.rollout.waves.plan import Audit, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.rollout.waves.plan import RolloutPlan, Wave

SCHEMA_VERSION: Final = 2


def plan_files(plan: RolloutPlan) -> dict[str, str]:
    """Every file of the folder, by its path relative to it."""
    files = {"README.md": overview(plan), "plan.json": render_json(plan_view(plan))}
    for wave in plan.waves:
        files |= {f"{wave.name}/{name}": text for name, text in _wave_files(wave, plan.dialect).items()}
    return files | {item.file: item.text for item in plan.leftovers}


def _wave_files(wave: Wave, dialect: str) -> dict[str, str]:
    files = {item.file: item.text for item in (*wave.objects, *wave.guards)}
    files["kustomization.yaml"] = _kustomization(item.file for item in wave.objects)
    files["README.md"] = wave_readme(wave, dialect)
    if wave.audit is Audit.MODE:
        files[SCRIPT] = audit_script(wave)
    restored = {item.file.replace("manifests/", "", 1): item.before for item in wave.restored}
    if restored:
        files |= {f"rollback/{name}": text for name, text in restored.items()}
        files["rollback/kustomization.yaml"] = _kustomization(restored)
    if wave.removed:
        removed = [item.reference for item in wave.removed]
        files["rollback/delete.yaml"] = yaml.safe_dump_all(removed, sort_keys=True)
    return files


def _kustomization(names: Iterable[str]) -> str:
    """Applied in this order, and no other."""
    document = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": list(names),
        "sortOptions": {"order": "fifo"},
    }
    return yaml.safe_dump(document, sort_keys=True)


def plan_view(plan: RolloutPlan) -> dict[str, Any]:
    """The plan as plain JSON values."""
    return {
        "schema_version": SCHEMA_VERSION,
        "dialect": plan.dialect,
        "report_digest": plan.report_digest,
        "proof": {
            "moments": plan.checked,
            "edges": plan.edges,
            "held_off": plan.held_off,
            "denied": list(plan.denied),
        },
        "waves": [
            {
                "name": wave.name,
                "cluster": wave.cluster,
                "environment": wave.place,
                "stage": wave.stage.value,
                "audit": wave.audit.value if wave.audit else "",
                "enforces": wave.stage in {Stage.INGRESS, Stage.FULL},
                "objects": [item.file for item in wave.objects],
                "guards": [item.file for item in wave.guards],
                "restored": [item.file for item in wave.restored],
                "deleted": [item.reference for item in wave.removed],
                "policies": [
                    {"item": one.item, "risk": round(one.risk, 4), "neighbours": one.neighbours, "advice": one.advice}
                    for one in wave.candidates
                ],
                "expected_new": wave.expected_new,
                "stop_above": wave.stop_above,
                "wait_days": wave.wait_days,
            }
            for wave in plan.waves
        ],
        "waiting": [
            {
                "item": item.candidate.item,
                "environment": item.environment.value,
                "advice": item.candidate.advice,
                "reason": item.candidate.reason,
                "wait_days": item.candidate.wait_days,
            }
            for item in plan.waiting
        ],
        "in_force": list(plan.in_force),
        "leftovers": [item.file for item in plan.leftovers],
    }
