"""A capture without any environment before production."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.gaps.cross_environment import environments
from recommender.assess.gaps.report import make_gap
from recommender.assess.rollout_codes import NO_STAGING
from recommender.assess.wording import counted
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap

_PRODUCTION: Final = "production"


def detect(context: GapContext) -> Iterator[Gap]:
    """Do policies govern namespaces, none of which is a staging, test or development one by its labels or name?

    Graver where production says that it is production: elsewhere the whole cluster may be the lesser environment.
    """
    plan = context.plan
    if plan is None or not plan.policies:
        return
    known = environments(context)
    governed = sorted({policy.group.namespace for policy in plan.policies})
    if any(environment not in {"", _PRODUCTION} for environment in known.values()):
        return
    production = [namespace for namespace in governed if known.get(namespace) == _PRODUCTION]
    what = f"{counted(len(production), 'namespace')} of production" if production else "no namespace says what it is"
    yield make_gap(
        NO_STAGING,
        subject="capture",
        reason=f"policies for {counted(len(governed), 'namespace')}: {what}, none of staging, test or development",
        severity=Severity.MEDIUM if production else Severity.LOW,
        count=len(governed),
        examples=production or governed,
    )
