"""`python -m benchmarks.calibration.fit --date 2026-11-24`: fit the coefficients anew and write `coefficients.json`."""

from __future__ import annotations

import argparse
import sys
from importlib import resources
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from benchmarks.calibration.examples import WINDOWS, examples
from benchmarks.calibration.fit_breakage import Outcome, fit_breakage, rounded
from benchmarks.calibration.fit_rules import fit_form
from benchmarks.calibration.judged import judge_window
from benchmarks.calibration.tenants import tenant_world
from recommender.assess import HORIZON_DAYS, reliability
from recommender.assess.breakage.hidden_needs import look_for_hidden_needs
from recommender.assess.breakage.predict import weigh_clues
from recommender.assess.coefficients import FILE, Coefficients, Provenance, RuleForms
from recommender.assess.confidence.features import Feature
from recommender.assess.confidence.legitimacy import weigh

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.calibration.judged import JudgedWindow

CLUSTERS: Final = 24
_SHORTEST: Final = 3
"""Days of window from which policies are fitted: in a day, what is new is what the night hid."""
_WITHOUT_ANSWERS: Final = frozenset({Feature.ANSWERED})


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate, fit, write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calibration.fit", description=__doc__)
    parser.add_argument("--clusters", type=int, default=CLUSTERS)
    parser.add_argument("--date", required=True, help="the day of the fit, for its provenance")
    options = parser.parse_args(arguments)
    windows = _windows(range(options.clusters))
    rule = _rule_forms(windows)
    outcomes = [_outcome(one) for one in windows if one.example.days >= _SHORTEST]
    breakage = rounded(fit_breakage(outcomes))
    provenance = Provenance(
        command=f"python -m benchmarks.calibration.fit --clusters {options.clusters} --date {options.date}",
        date=options.date,
        simulator="benchmarks/calibration/tenants.py with quick_noise.py",
        seeds=f"0 to {options.clusters - 1}, windows of {', '.join(map(str, WINDOWS))} days",
        edges=sum(len(one.needed) for one in windows),
        policies=sum(int(one.counted.sum()) for one in outcomes),
        metrics=_metrics(windows, outcomes, Coefficients(provenance=_NONE, rule=rule, breakage=breakage)),
    )
    fitted = Coefficients(provenance=provenance, rule=rule, breakage=breakage)
    path = resources.files("recommender.assess").joinpath(FILE)
    with resources.as_file(path) as file:
        file.write_bytes(msgspec.json.format(msgspec.json.encode(fitted), indent=1) + b"\n")


def _windows(seeds: range) -> list[JudgedWindow]:
    found = []
    for example in examples(tenant_world, seeds):
        print(example.name, file=sys.stderr)
        found.append(judge_window(example))
    return found


def _rule_forms(windows: Sequence[JudgedWindow]) -> RuleForms:
    """One form on the edges whose answers are known, one on the others, which never sees the answers."""
    values = np.concatenate([one.scored.table.values for one in windows])
    known = np.concatenate([one.scored.table.answers_known for one in windows])
    needed = np.concatenate([one.needed for one in windows])
    return RuleForms(
        answers_known=fit_form(values[known], needed[known]),
        answers_unknown=fit_form(values[~known], needed[~known], without=_WITHOUT_ANSWERS),
    )


def _outcome(window: JudgedWindow) -> Outcome:
    governance = window.governance
    return Outcome(
        needs=look_for_hidden_needs(governance, window.scored, HORIZON_DAYS),
        window=window,
        broke=window.denied > 0,
        counted=governance.sends | governance.receives,
    )


def _metrics(windows: Sequence[JudgedWindow], outcomes: Sequence[Outcome], fitted: Coefficients) -> dict[str, float]:
    probability = np.concatenate([weigh(one.scored.table, fitted.rule).probability for one in windows])
    rule = reliability("", probability, np.concatenate([one.needed for one in windows]))
    predicted = [
        weigh_clues(one.needs, fitted.breakage, one.window.governance, one.window.scored).breakage[one.counted]
        for one in outcomes
    ]
    breakage = reliability("", np.concatenate(predicted), np.concatenate([one.broke[one.counted] for one in outcomes]))
    found = {"rule": rule, "breakage": breakage}
    return {
        f"{name} {measure}": round(float(getattr(one, measure)), 4)
        for name, one in found.items()
        if one is not None
        for measure in ("brier", "ece", "auc")
    }


_NONE: Final = Provenance(command="", date="", simulator="", seeds="", edges=0, policies=0, metrics={})

if __name__ == "__main__":
    main()
