import pytest

from recommender.model.disposition import Decided, Disposition


@pytest.mark.parametrize(
    ("decided", "left_out"),
    [
        (Decided(disposition=Disposition.QUARANTINED), True),
        (Decided(disposition=Disposition.EXCLUDED), True),
        (Decided(disposition=Disposition.QUARANTINED, by_deny_rule=True), False),
        (Decided(disposition=Disposition.EXCLUDED, by_person=True), False),
        (Decided(disposition=Disposition.NEEDED, by_person=True), False),
        (Decided(disposition=Disposition.REVIEW), False),
        (Decided(disposition=Disposition.IMPLICIT), False),
    ],
)
def test_only_what_nobody_keeps_out_may_be_needed_after_all(decided, left_out):
    assert decided.left_out is left_out
