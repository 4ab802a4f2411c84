"""All findings of this room, NPR9xx."""

from __future__ import annotations

from typing import Final

from recommender.rollout.lint.codes import LINT
from recommender.rollout.verify.codes import VERIFY
from recommender.rollout.watch.codes import WATCH

ROLLOUT_FINDINGS: Final = tuple(sorted((*LINT, *VERIFY, *WATCH), key=lambda finding: finding.code))
