"""The findings about policies that are there already; `codes.FINDINGS` lists them with all others."""

from __future__ import annotations

from typing import Final

from recommender.assess.finding import finding
from recommender.model.gap import Severity

_HIGH, _MEDIUM, _LOW, _INFO = Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.INFO

UNUSED_RULE: Final = finding(
    "NPR408",
    "Existing rule that nothing used",
    (_HIGH, _MEDIUM, _LOW, _INFO),
    "It lets through what nobody was seen to need, and an intruder may use it.",
    "Ask its owner, then remove it by hand. Not seen is no proof: a job that runs monthly may simply not have run.",
)
WIDE_RULE: Final = finding(
    "NPR409",
    "Existing rule wider than its use",
    (_MEDIUM, _LOW),
    "It allows much more than was seen, and an intruder may use the rest.",
    "Narrow it to the peers and ports that used it; --existing ignore writes policies that do without it.",
)
ENTANGLED: Final = finding(
    "NPR410",
    "Bound to existing policies",
    (_HIGH, _MEDIUM, _INFO),
    "What was written is complete, and as strict as meant, only together with these existing policies.",
    "Keep them while these policies are applied, or write complete policies with --existing ignore.",
)
UNJUDGED_POLICY: Final = finding(
    "NPR605",
    "Existing policy that could not be judged",
    (_HIGH, _MEDIUM),
    "What it allows, denies or isolates is not known: nothing was left out for it, and the replay leaves it aside.",
    "Give its text: kubectl get ns,pods,svc,deploy,sts,ds,job,cronjob,netpol,cnp,ccnp -A -o json > inventory.json",
)
RETIRED_POLICY: Final = finding(
    "NPR606",
    "Existing policy to retire",
    (_MEDIUM, _LOW),
    "It does nothing for any pod that is known, or still opens what an earlier run recommended and this one does not.",
    "Check that its pods are gone for good, then delete it by hand.",
)
