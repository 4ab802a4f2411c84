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


@pytest.mark.parametrize(
    ("text", "zone", "due"),
    [
        ("0 1 * * *", "", [0, 1]),
        ("0 1 * * *", "Europe/Berlin", [1, 0]),
        ("TZ=Europe/Berlin 0 1 * * *", "", [1, 0]),
        ("0 1 * * *", "Asia/Tokyo", [0, 0]),
    ],
)
def test_the_time_zone_moves_the_hour(text, zone, due):
    night = START + 6 * DAY - HOUR  # Saturday 23:00 UTC, an hour before the clocks of Europe go back
    schedule = CronSchedule.parse(text, zone)
    assert [schedule.due_hours(night + start * HOUR, night + (start + 1) * HOUR) for start in (0, 1)] == due


@pytest.mark.parametrize("zone", ["Nowhere/Land", "../../etc/passwd", "/etc/passwd"])
def test_a_time_zone_that_is_none(zone):
    assert CronSchedule.parse("0 1 * * *", zone) is None


@pytest.mark.parametrize("text", ["", "* * * *", "61 * * * *", "x * * * *", "*/0 * * * *", "5-1 * * * *", "@reboot"])
def test_what_is_no_schedule_is_none(text):
    assert CronSchedule.parse(text) is None


def test_the_minute_counts_at_the_edges_of_the_window():
    schedule = CronSchedule.parse("30 0 * * *")
    assert schedule.due_hours(START, START + 29 * 60 * SECOND) == 0
    assert schedule.due_hours(START, START + 30 * 60 * SECOND) == 1
    assert schedule.due_hours(START + HOUR, START) == 0
