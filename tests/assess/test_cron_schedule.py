import pytest

from recommender.assess.gaps.cron_schedule import CronSchedule
from tests.assess.builders import DAY, HOUR, SECOND, START


@pytest.mark.parametrize(
    ("text", "week"),
    [
        ("0 3 * * *", 7),
        ("*/5 * * * *", 168),
        ("@hourly", 168),
        ("@daily", 7),
        ("0 2 * * 0", 1),
        ("0 2 * * 7", 1),
        ("0 2 * * SUN", 1),
        ("0 2 * * mon-fri", 5),
        ("0 0,12 * * *", 14),
        ("0 8-17/3 * * *", 28),
        ("0 4/6 * * *", 28),
        ("0 0 1 * *", 0),
        ("0 0 22 * *", 1),
        ("0 0 22 * MON", 2),
        ("0 0 * jan *", 0),
        ("TZ=Europe/Berlin 0 3 * * *", 7),
    ],
)
def test_hours_due_in_a_week_of_october(text, week):
    assert CronSchedule.parse(text).due_hours(START, START + 7 * DAY - SECOND) == week


@pytest.mark.parametrize("text", ["", "* * * *", "61 * * * *", "x * * * *", "*/0 * * * *", "5-1 * * * *", "@reboot"])
def test_what_is_no_schedule_is_none(text):
    assert CronSchedule.parse(text) is None


def test_the_minute_counts_at_the_edges_of_the_window():
    schedule = CronSchedule.parse("30 0 * * *")
    assert schedule.due_hours(START, START + 29 * 60 * SECOND) == 0
    assert schedule.due_hours(START, START + 30 * 60 * SECOND) == 1
    assert schedule.due_hours(START + HOUR, START) == 0
