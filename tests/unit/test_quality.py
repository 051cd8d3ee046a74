"""Data quality: figures that add up, whatever the order; unknown hours are no gap; who may ask; what is printed."""

import json
import random
import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import idocore
from idocore import Figures, NotAllowedError, Period, Quality, Registration, Revision, Scope, ServicePoint, Siting
from idocore.gazetteer import Gazetteer
from idocore.periods import LOCAL_ZONE
from idocore.places import Organisation
from idocore.quality import Answered, Watcher, is_other, judge
from idocore.quality.robust import empty_runs, outliers, surprise
from idocore.quality.thresholds import Thresholds
from idocore.scopes import EVERYWHERE
from idocore.testing import strategies
from idocore_cli.commands import ido
from tests.quality import entered, judged, watched
from tests.registers import DIGID, MAY, NOW, furnished

HOURS = "Mo-Fr 10:00-17:00; PH off"
MOVED = date(2022, 1, 1)
POINTS = (
    ServicePoint("a", "A", (Siting(None, "GM0344", "noord"), Siting(MOVED, "GM0363", "zuid")), opening_hours=HOURS),
    ServicePoint("b", "B", (Siting(None, "GM0344", "noord"),), opened=date(2020, 5, 1), closed=date(2023, 5, 1)),
    ServicePoint("c", "C", (Siting(None, "GM0344", "zuid"),), opening_hours="Tu 10:00-12:00"),
    ServicePoint("d", "D"),
)
PLACES = Gazetteer.default().with_places([Organisation("noord", "N"), Organisation("zuid", "Z"), *POINTS])
LEVELS = ("service_point", "organisation", "province", "nation")
SENSITIVE = Thresholds(
    gap_least=1, outlier_least=1, round_least=1, same_minute_least=1, late_least=1, double_least=1, answers_least=1
)
"""So that random records, which are few, give findings."""


@st.composite
def revisions(draw: st.DrawFn) -> list[Revision]:
    """Some registrations at the points, entered on the day or later, a few of them twice."""
    found = draw(st.lists(strategies.registrations(), max_size=12))
    found += found[: draw(st.integers(0, len(found)))]
    made = []
    for number, one in enumerate(found):
        point = draw(st.sampled_from("abcd"))
        registration = attrs.evolve(strategies.with_id(one, number), service_point=point)
        late = timedelta(days=draw(st.sampled_from([0, 0, 3, 20, 90])))
        made.append(attrs.evolve(entered(registration, late), number=draw(st.sampled_from([1, 1, 1, 2]))))
    return made


def judged_all(found: list[Revision], places: Gazetteer = PLACES) -> Quality:
    return judged(places, found, period=None, thresholds=SENSITIVE)


def plain(quality: Quality) -> Any:
    return quality.points, [(one.code, one.path, one.severity, dict(one.parameters)) for one in quality.findings]


@given(revisions(), st.integers(0, 1000))
def test_the_order_within_a_day_does_not_matter(found: list[Revision], seed: int) -> None:
    """Neither for figures nor for findings; nor does the order in which places became known."""
    mixed = random.Random(seed).sample(found, len(found))
    shuffled = Gazetteer(dict(random.Random(seed).sample(list(PLACES.places.items()), len(PLACES.places))))
    assert plain(judged_all(found)) == plain(judged_all(mixed, shuffled))


def adds_up(quality: Quality, found: list[Revision]) -> bool:
    """Whether totals of every level have the same sum, and everything was counted once."""
    sums = [sum(quality.totals(level).values(), Figures()) for level in LEVELS]
    months = {one.registration.id for one in found if one.registration.precision == "month"}
    days = {
        (one.registration.service_point, one.registration.local_date)
        for one in found
        if one.registration.id not in months
    }
    total = quality.total
    return (
        all(one == total for one in sums)
        and total.registrations == len(found)
        and sum(total.late) + total.changed == len(found)
        and total.days == len(days)
        and total.heard_days <= total.open_days
        and total.doubles <= total.same_minute <= total.timed <= len(found)
        and all(one.unknown + one.other <= one.asked for one in total.answers.values())
    )


@given(revisions())
def test_figures_add_up(found: list[Revision]) -> None:
    """Service points, organisations and provinces each add up to the nation, also for points that changed hands."""
    assert adds_up(judged_all(found), found)


def test_figures_that_forget_a_point_are_caught() -> None:
    """The broken twin: a total without one of its points."""
    made = [entered(visit("a")), entered(visit("c", number=2))]
    quality = judged_all(made)
    assert adds_up(quality, made)
    assert not adds_up(attrs.evolve(quality, points=quality.points[1:]), made)


def visit(point: str, day: str = "2021-05-14", number: int = 1) -> Registration:
    """A visit at half past ten."""
    moment = datetime.fromisoformat(f"{day}T10:30").replace(tzinfo=LOCAL_ZONE)
    base = Registration(idocore.new_id(), "ido@2021", point, moment, inquiries=(idocore.Inquiry({"provider": "uwv"}),))
    return strategies.with_id(base, number)


@given(revisions())
def test_without_opening_hours_there_is_no_gap(found: list[Revision]) -> None:
    """Unknown hours: no open days, no empty weeks, no gap and no silence, but a hint to fill them in."""
    quality = judged_all(found)
    for one in quality.points:
        if one.service_point in ("b", "d"):
            assert one.figures.completeness is None
            assert (one.figures.open_days, one.figures.empty_weeks, one.figures.hours_unknown) == (0, 0, 1)
            assert one.figures.to_dict()["empty_months"] is None
    codes = {one.path.partition("/")[2]: set[str]() for one in quality.findings}
    for finding in quality.findings:
        codes[finding.path.partition("/")[2]].add(finding.code)
    for point in ("b", "d"):
        assert not codes.get(point, set()) & {"quality-gap", "quality-silent"}
        heard = any(one.registration.service_point == point for one in found)
        assert ("quality-hours-unknown" in codes.get(point, set())) == heard


@pytest.mark.parametrize("month", ["2021-03", "2021-02"])
def test_a_record_of_a_month_leaves_no_gap_in_it(month: str) -> None:
    """Known by month only: no day of that month is missing."""
    by_month = attrs.evolve(visit("a", f"{month}-01"), precision=idocore.Precision.MONTH)
    quality = judged(PLACES, [entered(by_month)], period=Period.parse("2021"))
    (figures,) = (one.figures for one in quality.points if one.service_point == "a")
    assert (figures.empty_months, figures.days) == (11, 0)
    length = {"2021-03": 23, "2021-02": 20}[month]
    assert figures.heard_days == length


def test_a_point_that_changed_hands_has_figures_for_each() -> None:
    """Each organisation has its own days; a year before the move counts for the one, a year after for the other."""
    quality = judged(PLACES, [entered(visit("a")), entered(visit("a", "2022-05-13", 2))], period=None)
    rows = {(one.organisation, one.province): one.figures for one in quality.points if one.service_point == "a"}
    assert {place: figures.registrations for place, figures in rows.items()} == {
        ("noord", "PV26"): 1,
        ("zuid", "PV27"): 1,
    }
    noord = judged(PLACES, [entered(visit("a"))], period=Period.parse("2021"), scope=Scope("organisation", "noord"))
    assert {one.service_point for one in noord.points} == {"a", "b"}


def test_every_finding_says_what_to_do() -> None:
    """In Dutch and English, with the point, the days, and nothing left to fill in."""
    made = [entered(visit("a", f"2021-05-{day:02}", day), timedelta(days=40)) for day in range(3, 29)]
    found = judged_all(made).findings
    assert {"quality-round-moments", "quality-late"} <= {one.code for one in found}
    for finding in found:
        for language in ("nl", "en"):
            text = finding.message(language)  # type: ignore[arg-type]
            assert str(finding.parameters["name"]) in text
            assert len(re.findall(r"[.?](?= [A-Z]|$)", text)) >= 2
            assert " - " not in text
        assert {"value", "name", "organisation", "from", "until"} <= set(finding.parameters)


# What passes by


def test_doubles_are_the_same_at_the_same_moment() -> None:
    """Equal but for the id is a possible double; another minute, place or answer is not, and no day alone is."""
    first = visit("a")
    later = attrs.evolve(first, moment=first.moment + timedelta(minutes=1))
    by_day = attrs.evolve(first, precision=idocore.Precision.DAY)
    other = attrs.evolve(first, inquiries=(idocore.Inquiry({"provider": "svb"}),))
    several = [first, first, later, attrs.evolve(first, service_point="b"), other, by_day, by_day, first]
    watcher = watched(PLACES, [entered(strategies.with_id(one, number)) for number, one in enumerate(several)])
    total = judge(watcher, (EVERYWHERE,), None, date(2024, 1, 1)).total
    assert (watcher.double, total.doubles, total.timed, total.same_minute) == (2, 2, 6, 3)
    assert [one.registration.id.int for one in watcher.doubles] == [2, 8]
    assert {one.earlier.int for one in watcher.doubles} == {1}


@pytest.mark.parametrize(("days", "index"), [(0, 0), (1, 1), (7, 1), (8, 2), (31, 2), (32, 3)])
def test_lateness_has_classes(days: int, index: int) -> None:
    """On the day itself, within a week, within a month, later; what was changed since is left out."""
    revision = entered(visit("a"), timedelta(days=days, hours=5))
    late = judged(PLACES, [revision, attrs.evolve(revision, number=2)], period=None).total.late
    assert late == tuple(int(number == index) for number in range(4))


def held(watcher: Watcher) -> int:
    """How many things a watcher holds on to beside the doubles."""
    counted = (attrs.astuple(one, recurse=False) for one in watcher.seen.values())
    today = len(watcher._today) + len(watcher._minutes)
    return today + sum(len(part) for parts in counted for part in parts)


def test_memory_holds_counts_not_registrations() -> None:
    """Ten times as many visits on the same days take no more room, once their day is over."""

    def seen(often: int) -> Watcher:
        made = (
            visit("a", f"2021-05-{day:02}", often * day + number) for day in range(3, 29) for number in range(often)
        )
        moved = (attrs.evolve(one, moment=one.moment + timedelta(minutes=one.id.int % often)) for one in made)
        return watched(PLACES, [*map(entered, moved), entered(visit("c", "2021-06-01", 9999))])

    assert held(seen(10)) == held(seen(100))
    hoarder = seen(10)
    hoarder._minutes = {("a", datetime(2021, 5, 3, 10, minute)) for minute in range(60)}
    assert held(hoarder) > held(seen(100))


def test_what_counts_as_other() -> None:
    """A code for the rest, by its name."""
    codes = ("other", "other-government", "mother", "others")
    assert [code for code in codes if is_other(code)] == ["other", "other-government"]


def test_only_what_was_asked_is_unknown() -> None:
    """A field of another version, or one that is skipped, is not unknown; an open one is; tallies do not count."""
    bare = attrs.evolve(visit("a", "2024-05-14"), theme="ido@2024", inquiries=(idocore.Inquiry({"topic": "pension"}),))
    tally = attrs.evolve(strategies.with_id(bare, 2), kind=idocore.Kind.TALLY, count=3)
    answers = judged(PLACES, [entered(bare), entered(tally)], period=None).total.answers
    assert answers["topic"] == Answered(1, 0, 0)
    assert answers["provider"] == Answered(1, 1, 0)
    assert not {"digid_action", "referral", "age_group"} & set(answers)


# Robust statistics


@given(st.dictionaries(st.dates(date(2024, 1, 1), date(2024, 12, 31)), st.integers(1, 9), min_size=12))
def test_one_wrong_day_does_not_hide_itself(counts: dict[date, int]) -> None:
    """However large, the median and its deviation stay what they were, so that it stands out; and it alone."""
    wrong = max(counts)
    found = [day for day, _, _ in outliers({**counts, wrong: 100_000}, 5.0, 10)]
    assert found == [wrong]


@given(st.sets(st.integers(0, 60)), st.integers(1, 61))
def test_empty_runs_are_all_empty_days(heard: set[int], length: int) -> None:
    """Together the runs are exactly the days that nothing was heard of, in order, and no two follow each other."""
    first = date(2024, 1, 1)
    opened = [first + timedelta(days=number) for number in range(length)]
    known = {first + timedelta(days=number) for number in heard}
    runs = list(empty_runs(opened, known))
    silent = [day for begin, last, _ in runs for day in opened if begin <= day <= last]
    assert silent == [day for day in opened if day not in known]
    assert sum(count for *_, count in runs) == len(silent)


@given(st.integers(0, 500), st.floats(0.1, 10))
def test_what_was_expected_is_no_surprise(before: int, odds: float) -> None:
    """The score is nought for what was expected, and grows with what comes on top."""
    expected = round(before * odds)
    assert abs(surprise(expected, before, odds)) <= 1 or before < 5
    assert surprise(expected + 50, before + 1, odds) > surprise(expected, before + 1, odds)


def test_shares_of_nothing_are_none() -> None:
    """Null is not zero."""
    assert (Answered().unknown_share, Answered(3, 3).other_share, Figures().late_share) == (None, None, None)


# Through the register


def test_quality_is_for_who_may_read() -> None:
    """Within the scope of who asks; a funder and the public may not; a place of somebody else is refused."""
    register = furnished(idocore.open("memory:", clock=lambda: NOW))
    for point in ("centrale", "weesp"):
        register.record(point, inquiries=DIGID, moment=MAY)
    for role in ("worker", "coordinator", "provincial", "auditor", "national"):
        noord = register.acting_as("c-1", role, "organisation/noord").quality("2024")
        assert {one.service_point for one in noord.points} == {"centrale", "wijk"}
        assert noord.total.registrations == 1
        assert noord.end == date(2024, 6, 16)
    for role in ("funder", "public"):
        with pytest.raises(NotAllowedError):
            register.acting_as("c-1", role, "organisation/noord").quality("2024")
    with pytest.raises(NotAllowedError):
        register.acting_as("c-1", "coordinator", "organisation/noord").quality("2024", scope="organisation/zuid")
    with pytest.raises(idocore.InvalidValueError):
        register.quality(scope="organisation/oost")
    with pytest.raises(idocore.NotFoundError):
        register.quality(theme="idoo")
    with pytest.raises(idocore.InvalidValueError):
        register.quality().totals("village")


def test_only_final_registrations_are_judged() -> None:
    """Drafts and what was withdrawn are not looked at, and corrections are seen as changes."""
    register = furnished(idocore.open("memory:", clock=lambda: NOW))
    register.record("centrale", inquiries=DIGID, moment=MAY, status="draft")
    register.withdraw(register.record("centrale", inquiries=DIGID, moment=MAY))
    register.correct(register.record("centrale", inquiries=DIGID, moment=MAY), channel="telephone")
    total = register.quality(scope="service_point/centrale").total
    assert (total.registrations, total.changed, total.amended, sum(total.late)) == (1, 1, 0, 0)
    register.periods.close("2024-05", at="nation")
    late = {"period-closed": "lag in een la"}
    register.record("centrale", inquiries=DIGID, moment=MAY, overrides=late)
    assert register.acting_as("n", "national", EVERYWHERE).quality("2024").total.amended == 1


# Through the command


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IDOCORE_LANGUAGE", "en")
    hours = ("--opening-hours", "Mo-Fr 10:00-17:00; PH off", "--opened", "2024-05-13")
    place = ("places", "add", "centrale", "--municipality", "Utrecht", *hours)
    assert CliRunner().invoke(ido, place).exit_code == 0
    return lambda *words: CliRunner().invoke(ido, ("quality", *words))


def test_the_command_says_so_when_all_is_well(run: Any) -> None:
    """A sentence, also when there is nothing to judge; figures all the same; exit status 0."""
    nothing = run("--period", "2024-05-13")
    assert (nothing.exit_code, "Nothing was registered" in nothing.stderr) == (0, True)
    assert "[quality-silent]" in run("--period", "2024-05", "--show", "findings").stdout
    with idocore.open("sqlite:///ido.db") as register:
        for day in range(13, 32):
            if datetime(2024, 5, day).isoweekday() < 6 and day != 20:
                register.record("centrale", inquiries=DIGID, moment=f"2024-05-{day}T10:07", channel="desk")
    done = run("--period", "2024-05")
    assert (done.exit_code, "No findings" in done.stderr) == (0, True)
    assert "centrale" in done.stdout


def test_the_command_as_data(run: Any) -> None:
    """JSON with figures and findings, each with its sentence; CSV with a row for each place."""
    found = json.loads(run("--period", "2024", "--format", "json").stdout)
    assert set(found) == {"from", "until", "figures", "findings"}
    assert found["figures"][0]["service_point"] == "centrale"
    assert [one["code"] for one in found["findings"]] == ["quality-silent"]
    assert "closing date" in found["findings"][0]["message"]
    assert set(json.loads(run("--format", "json", "--show", "findings").stdout)) == {"from", "until", "findings"}
    by_province = run("--period", "2024", "--by", "province", "--format", "csv").stdout.splitlines()
    assert by_province[0].startswith("place,points,silent,")
    assert by_province[1].startswith("PV26,1,1,0,")
    assert run("--show", "findings", "--format", "csv").stdout.startswith("path,severity,code,message\n")
    assert run("--for", "organisation/oost").exit_code == 2
