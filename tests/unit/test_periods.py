"""Local dates are right: every hour of 2024-2035 falls in exactly one period of every kind."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import idocore
from idocore.codec import instant
from idocore.moments import read_moment
from idocore.periods import LOCAL_ZONE, Period, PeriodKind, to_local, wall_times


@pytest.mark.parametrize("kind", list(PeriodKind))
def test_every_hour_falls_in_exactly_one_period(kind: PeriodKind) -> None:
    """Periods of a kind follow each other without gap or overlap, 23- and 25-hour days included."""
    hour, end = datetime(2023, 12, 31, 23, tzinfo=UTC), datetime(2035, 12, 31, 23, tzinfo=UTC)
    period = Period.of(kind, to_local(hour).date())
    while hour < end:
        day = to_local(hour).date()
        if day not in period:
            assert day == period.end
            period = period.next()
        assert day in period
        assert Period.of(kind, day) == period
        hour += timedelta(hours=1)


@given(st.sampled_from(list(PeriodKind)), st.dates(date(1900, 1, 1), date(2999, 12, 1)))
def test_a_code_names_its_period(kind: PeriodKind, day: date) -> None:
    """Code and period are each other's inverse, and codes sort in time within a kind."""
    period = Period.of(kind, day)
    assert Period.parse(period.code) == period
    assert period.code < period.next().code


@pytest.mark.parametrize(
    "code",
    [
        *("2024-13", "2024-Q5", "2024-H3", "2024-W54", "2023-02-29", "", "q", "2024-00", "2024-Q0"),
        *("0024-05", "0001-01-01", "1899", "9999", "9999-12-31", "9999-W52"),
    ],
)
def test_what_is_no_period_is_refused(code: str) -> None:
    """One typed error that shows how to write a period."""
    with pytest.raises(idocore.InvalidValueError, match="2024-Q2"):
        Period.parse(code)


@given(st.sampled_from(list(PeriodKind)), st.dates())
def test_a_period_that_nobody_means_is_refused(kind: PeriodKind, day: date) -> None:
    """From 1900 up to 9998 a code names its period; any other is the typed error, though what was counted may have it.

    Nothing else is raised, not at either end of the calendar.
    """
    try:
        period = Period.of(kind, day)
    except (ValueError, OverflowError):
        return  # it reaches beyond the calendar
    assert Period.of_code(period.code) == period
    if 1900 <= period.start.year <= 9998:
        assert Period.parse(period.code) == period
    else:
        with pytest.raises(idocore.InvalidValueError, match="from 1900"):
            Period.parse(period.code)


def test_the_hour_that_is_skipped_and_the_one_that_comes_twice() -> None:
    """No wall clock shows 02:30 in March; in October it does so twice."""
    assert wall_times(datetime(2024, 3, 31, 2, 30)) == ()
    assert len(wall_times(datetime(2024, 10, 27, 2, 30))) == 2
    assert len(wall_times(datetime(2024, 10, 27, 3, 30))) == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2024-03-31T02:30", "moment-skipped"),
        ("2024-10-27T02:30", "moment-twice"),
        ("2024-02-30", "invalid-moment"),
        ("2024-13", "invalid-moment"),
        ("gisteren", "invalid-moment"),
    ],
)
def test_a_moment_that_does_not_exist_is_a_finding(text: str, code: str) -> None:
    """Each with a code of its own, so that a front end can help."""
    found = read_moment(text)
    assert isinstance(found, idocore.Finding)
    assert found.code == code


def test_a_visit_around_midnight_belongs_to_the_local_day() -> None:
    """Half past midnight in Amsterdam is still yesterday in UTC; the visit is of today."""
    register = idocore.open("memory:")
    register.places.add_service_point("p", municipality="Utrecht")
    visit = register.record("p", moment="2024-06-30T22:30:00+00:00", inquiries=[{"topic": "digid"}])
    assert visit.local_date == date(2024, 7, 1)
    assert register.table(by="quarter").to_dicts() == [{"quarter": "2024-Q3", "registrations": 1}]


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), allow_imaginary=False, timezones=st.timezones())
    | st.datetimes(datetime(2019, 1, 1), datetime(2035, 12, 31), timezones=st.just(LOCAL_ZONE))
)
def test_a_moment_is_written_in_one_way(moment: datetime) -> None:
    """As Python writes it in ISO 8601, whatever the zone: entries of long ago keep their hashes."""
    assert instant(moment) == moment.isoformat()
