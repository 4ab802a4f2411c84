"""All findings of this room, NPR9xx."""

from __future__ import annotations

from typing import Final

from recommender.rollout.lint.codes import LINT
from recommender.rollout.verify.codes import VERIFY

ROLLOUT_FINDINGS: Final = tuple(sorted((*LINT, *VERIFY), key=lambda finding: finding.code))
