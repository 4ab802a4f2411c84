from datetime import date

import pytest

from recommender.model.decision import Choice, Decisions, PolicyDecision, Signed, Standing
from recommender.model.manifest import Manifest
from recommender.review import follow, is_approved, is_rejected, place
from recommender.review.digest import manifests_digest
from recommender.review.judge import CHANGED
from tests.report.sample import sample_recommendation

POLICY = sample_recommendation().policies[0]
DIGEST = manifests_digest(POLICY.manifests)
DAY = date(2026, 11, 23)
ITEM = POLICY.policy.item


def judged(choice, *, digest=DIGEST, expires=None, given=True):
    said = PolicyDecision(policy=ITEM, digest=digest, choice=choice, signed=Signed(expires=expires))
    decisions = Decisions(policies=(said,) if choice else (), digest="x" if given else "")
    return follow(decisions, [(POLICY.policy, POLICY.manifests)], [], day=DAY)


@pytest.mark.parametrize(
    ("choice", "standing", "path"),
    [
        (Choice.APPROVE, Standing.APPROVED, "policies/"),
        (Choice.REJECT, Standing.REJECTED, None),
        (Choice.DEFER, Standing.PENDING, "pending/"),
        (None, Standing.PENDING, "pending/"),
    ],
)
def test_manifests_go_where_the_decision_sends_them(choice, standing, path):
    followed = judged(choice)
    assert followed.standing(ITEM) is standing
    assert is_rejected(followed, ITEM) == (path is None)
    assert is_approved(followed, ITEM) == (path == "policies/")
    if path:
        assert place(followed, ITEM, POLICY.manifests[0]).path.startswith(path)


def test_without_a_decisions_file_everything_may_be_applied():
    followed = judged(None, given=False)
    assert is_approved(followed, ITEM)
    assert place(followed, ITEM, POLICY.manifests[0]) == POLICY.manifests[0]


@pytest.mark.parametrize("choice", [Choice.APPROVE, Choice.REJECT])
def test_a_decision_about_another_text_has_lapsed(choice):
    followed = judged(choice, digest="0" * 32)
    assert followed.standing(ITEM) is Standing.PENDING
    assert followed.items[ITEM].lapsed == CHANGED


def test_a_deferral_never_lapses():
    assert judged(Choice.DEFER, digest="").items[ITEM].lapsed == ""


def test_an_approval_counts_on_its_last_day_and_not_after():
    assert judged(Choice.APPROVE, expires=DAY).standing(ITEM) is Standing.APPROVED
    over = judged(Choice.APPROVE, expires=date(2026, 11, 22))
    assert over.standing(ITEM) is Standing.PENDING
    assert over.items[ITEM].lapsed == "it expired on 2026-11-22"


def test_the_digest_holds_on_to_what_is_applied_and_not_to_comments():
    manifest = Manifest(path="policies/a.yaml", policy="a", text="# Window: one\nspec:\n  # days 3\n  port: 80\n")
    renewed = Manifest(path="policies/a.yaml", policy="a", text="# Window: two\nspec:\n  # days 7\n  port: 80\n")
    changed = Manifest(path="policies/a.yaml", policy="a", text="# Window: one\nspec:\n  # days 3\n  port: 81\n")
    moved = Manifest(path="policies/b.yaml", policy="a", text=manifest.text)
    assert manifests_digest([manifest]) == manifests_digest([renewed])
    assert len({manifests_digest([one]) for one in (manifest, changed, moved)}) == 3
