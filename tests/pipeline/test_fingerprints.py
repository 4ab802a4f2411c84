from recommender import Selection, recommend
from tests.pipeline.conftest import DEMO


def test_each_finding_of_a_run_has_a_fingerprint_of_its_own(demo_recommendation):
    fingerprints = [gap.fingerprint for gap in demo_recommendation.gaps]
    assert len(fingerprints) == len(set(fingerprints)) > 20


def test_a_shorter_window_finds_the_same_things_again_under_their_fingerprints(demo_recommendation):
    shorter = recommend(
        sorted(DEMO.glob("*.log.gz")),
        inventory=DEMO / "inventory.json",
        selection=Selection(until="24h"),
    )
    before = {gap.fingerprint: gap for gap in demo_recommendation.gaps}
    again = [gap for gap in shorter.gaps if gap.fingerprint in before]
    assert len(again) > len(shorter.gaps) / 2
    recounted = [gap for gap in again if gap.reason != before[gap.fingerprint].reason]
    assert len(recounted) > 3
    for gap in again:
        assert (gap.code, gap.subject) == (before[gap.fingerprint].code, before[gap.fingerprint].subject)
