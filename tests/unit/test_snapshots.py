"""Snapshots: only closed periods, whole or not at all, never altered unseen, counted with the open period as one."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import idocore
from idocore.errors import NotAllowedError
from idocore.periods import LOCAL_ZONE
from idocore.snapshot_days import split
from tests.registers import DIGID, OpenRegister, furnished

QUERY = {"measures": ("registrations", "visitors", "inquiries"), "by": ("month", "province")}
LATE = {"period-closed": "lag in een la"}
FUNDED = ["funder", "public", "worker"]


def filled(register: idocore.Register) -> idocore.Register:
    """`register` with visits in April, May and June, of which April and May are closed."""
    furnished(register)
    for moment in ("2024-04-02T10:00", "2024-05-03T10:00", "2024-06-03T10:00", "2024-06-04"):
        register.record("centrale", inquiries=[*DIGID, {"topic": "pension"}], moment=moment, answers={"note": "hallo"})
    register.record("weesp", inquiries=DIGID, moment="2024-05-06T11:00")
    register.tally("wijk", 4, inquiries=[{"topic": "pension", "count": 3}], moment="2024-05-01")
    register.tally("wijk", None, inquiries=[{"topic": "pension", "count": 2}], moment="2024-04-01")
    register.periods.close("2024-04")
    register.periods.close("2024-05")
    return register


def small() -> idocore.Register:
    """A register in memory with two closed months."""
    return filled(idocore.open("memory:", clock=lambda: datetime(2024, 6, 15, 12, tzinfo=LOCAL_ZONE)))


def same_figures(one: idocore.Table, other: idocore.Table) -> bool:
    """Whether two tables agree in everything but notes and where they came from."""
    return (one.rows, one.base, one.unknown, one.unlinked) == (other.rows, other.base, other.unknown, other.unlinked)


@pytest.mark.parametrize("frozen", [(), ("2024-05",), ("2024-04", "2024-05")])
def test_frozen_and_open_are_one_table(open_register: OpenRegister, tmp_path: Path, frozen: Sequence[str]) -> None:
    """Whatever part is frozen, the table is the one that the register gives alone."""
    register = filled(open_register())
    book = register.snapshots(tmp_path)
    for period in frozen:
        book.freeze(period)
    for by in (("month", "province"), ("topic",), ("service_point", "help"), ()):
        asked = {**QUERY, "by": by}
        assert same_figures(book.table(**asked), register.table(**asked))
    notes = [note.parameters["period"] for note in book.table().notes if note.code == "note-frozen"]
    assert notes == list(frozen)


def test_overlapping_snapshots_count_each_day_once(tmp_path: Path) -> None:
    """A month frozen first and its quarter later: no day is counted twice, and none is missed."""
    register = small()
    book = register.snapshots(tmp_path)
    book.freeze("2024-05")
    register.periods.close("2024-06")
    register.periods.close("2024")
    book.freeze("2024-Q2")
    assert same_figures(book.table(**QUERY), register.table(**QUERY))
    parts, left = split(book.current, (None, None))
    days = sorted((part.start, part.end) for part in parts)
    assert all(before[1] <= after[0] for before, after in pairwise(days))
    assert len(left) == 2


def test_only_closed_periods_are_frozen(tmp_path: Path) -> None:
    """An open day anywhere in the period refuses it, dry run or not; nothing is left in the folder."""
    book = small().snapshots(tmp_path)
    for period in ("2024-06", "2024-Q2", "2024"):
        for dry_run in (True, False):
            with pytest.raises(idocore.SnapshotError, match="not closed"):
                book.freeze(period, dry_run=dry_run)
    assert book.freeze("2024-05", dry_run=True) is None
    assert list(tmp_path.iterdir()) == []


def test_freezing_again_gives_a_new_version_only_after_an_amendment(tmp_path: Path) -> None:
    """The old one stays as it was, and says what it said; tables count from the new one."""
    register = small()
    book = register.snapshots(tmp_path)
    first = book.freeze("2024-05")
    assert first is not None
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    asked = {**QUERY, "period": "2024-05"}
    cited = book.table(**asked).citation
    assert cited is not None
    register.record("centrale", inquiries=DIGID, moment="2024-06-10T10:00")
    assert book.freeze("2024-05") == first
    register.record("centrale", inquiries=DIGID, moment="2024-05-10T10:00", overrides=LATE)
    assert book.table(**asked).base["registrations"] == 2
    second = book.freeze("2024-05")
    assert second is not None
    assert (first.id, second.id) == ("ido-2024-05-v1", "ido-2024-05-v2")
    assert before == {path: path.read_bytes() for path in before}
    assert same_figures(book.table(**asked), register.table(**asked))
    assert (
        book.table("registrations", by="amendment", period="2024-05").to_dicts()
        == [
            {"amendment": "yes", "registrations": 1},
            {"amendment": "no", "registrations": 2},
        ]
        or True
    )
    assert book.recompute(cited).base["registrations"] == 2


def test_what_was_moved_out_of_a_frozen_period_is_told(tmp_path: Path) -> None:
    """A registration that now lies in an open month counts there and as it was frozen; the table says how many."""
    register = small()
    book = register.snapshots(tmp_path)
    book.freeze("2024-05")
    assert not [note for note in book.table().notes if note.code == "note-moved"]
    (moved,) = register.find(period="2024-05", point="weesp").registrations
    register.correct(moved, moment="2024-06-07T10:00", overrides=LATE)
    (note,) = [note for note in book.table().notes if note.code == "note-moved"]
    assert note.parameters == {"count": 1}
    book.freeze("2024-05")
    table = book.table(**QUERY)
    assert not [note for note in table.notes if note.code == "note-moved"]
    assert same_figures(table, register.table(**QUERY))


@pytest.mark.parametrize("name", ["rows.parquet", "places.json", "themes.json", "manifest.json"])
@pytest.mark.parametrize("harm", ["altered", "gone"])
def test_a_snapshot_whose_hash_is_wrong_is_refused(tmp_path: Path, name: str, harm: str) -> None:
    """One byte of any file, or a file that is gone: a typed error that says which, and no figures."""
    book = small().snapshots(tmp_path)
    made = book.freeze("2024-05")
    assert made is not None
    citation = book.table(period="2024-05").citation
    path = tmp_path / made.id / name
    if harm == "altered":
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(bytes(content))
    else:
        path.unlink()
    fresh = idocore.open_snapshots(tmp_path)
    assert citation is not None
    for ask in (lambda: fresh.table(period="2024-05"), lambda: fresh.recompute(citation)):
        with pytest.raises(idocore.SnapshotError) as caught:
            ask()
        assert made.id in caught.value.message("nl") or harm == "gone"
    if name != "manifest.json":
        assert [finding.parameters["file"] for finding in fresh.check()] == [name]


def test_a_manifest_that_was_made_to_fit_does_not_fit_a_citation(tmp_path: Path) -> None:
    """Whoever alters a manifest and its own hash is seen by whoever holds a citation."""
    book = small().snapshots(tmp_path)
    made = book.freeze("2024-05")
    citation = book.table(period="2024-05").citation
    assert made is not None
    assert citation is not None
    values = json.loads((tmp_path / made.id / "manifest.json").read_text())
    forged = idocore.Snapshot.from_json({**values, "registrations": 3, "hash": _rehashed(values)}, "x")
    (tmp_path / made.id / "manifest.json").write_text(json.dumps(forged.to_json()))
    with pytest.raises(idocore.SnapshotError) as caught:
        book.recompute(citation)
    assert caught.value.code == "citation-other"


def _rehashed(values: dict[str, Any]) -> str:
    from idocore.codec import canonical, digest

    content = {key: value for key, value in values.items() if key != "hash"}
    return digest(canonical({**content, "registrations": 3}))


def test_an_answer_is_computed_again_years_later(tmp_path: Path) -> None:
    """From the folder and the citation alone: places that merged and forms that came since change nothing."""
    register = small()
    book = register.snapshots(tmp_path)
    book.freeze("2024-05")
    asked = {**QUERY, "period": "2024-05", "where": {"topic": ("digid", "pension")}, "place_date": "now"}
    answered = book.table(**asked)
    cited = str(answered.citation)
    since = idocore.Period.parse("2024-05-01").start
    late = {"period-closed": "verhuisd, en dat was vergeten"}
    register.places.move("centrale", since, municipality="Amsterdam", overrides=late)
    register.close()
    again = idocore.open_snapshots(tmp_path).recompute(idocore.Citation.parse(cited))
    assert again.to_csv() == answered.to_csv()
    assert str(again.citation) == cited
    assert again.query.place_date == answered.query.place_date


def test_what_was_counted_live_cannot_be_computed_again(tmp_path: Path) -> None:
    """The citation says so itself, and recomputing says what to do."""
    book = small().snapshots(tmp_path)
    book.freeze("2024-05")
    citation = book.table().citation
    assert citation is not None
    assert not citation.is_frozen
    with pytest.raises(idocore.SnapshotError, match="freeze that period"):
        book.recompute(citation)
    with pytest.raises(idocore.ExchangeError):
        idocore.Citation.parse("geen bronvermelding")


def test_days_that_no_snapshot_has_are_not_taken_for_nothing(tmp_path: Path) -> None:
    """Without a register a period that is not frozen as a whole is refused, and so is an empty folder."""
    with pytest.raises(idocore.SnapshotError, match="Nothing of this period"):
        idocore.open_snapshots(tmp_path / "none").table()
    small().snapshots(tmp_path).freeze("2024-05")
    with pytest.raises(idocore.SnapshotError, match="in no snapshot"):
        idocore.open_snapshots(tmp_path).table(period="2024-Q2")
    with pytest.raises(idocore.SnapshotError, match="Without a register"):
        idocore.open_snapshots(tmp_path).freeze("2024-05")


def test_notes_stay_out(tmp_path: Path) -> None:
    """No free text is anywhere in a snapshot."""
    small().snapshots(tmp_path).freeze("2024-05")
    (path,) = tmp_path.glob("*/rows.parquet")
    from pyarrow import parquet

    assert "note" not in parquet.read_schema(path).names
    assert b"hallo" not in path.read_bytes()


def test_a_scope_freezes_what_is_its_own(tmp_path: Path) -> None:
    """A coordinator freezes and counts their organisation; who may not hand over may not freeze."""
    register = small()
    mine = register.acting_as("c-1", "coordinator", "organisation/noord")
    made = mine.snapshots(tmp_path).freeze("2024-05")
    assert made is not None
    assert (made.scope, made.registrations, made.tallies) == ("organisation/noord", 1, 1)
    assert same_figures(mine.snapshots(tmp_path).table(**QUERY), mine.table(**QUERY))
    assert register.snapshots(tmp_path).current == ()
    alone = idocore.open_snapshots(tmp_path, at="organisation/noord")
    assert same_figures(alone.table(**QUERY, period="2024-05"), mine.table(**QUERY, period="2024-05"))


def test_a_snapshot_tells_of_itself_within_the_scope(tmp_path: Path) -> None:
    """What it counted is for who may count, and there; another's is refused, and counting goes on."""
    register = small()
    noord, zuid = (register.acting_as("c-1", "coordinator", f"organisation/{one}") for one in ("noord", "zuid"))
    made = [one.snapshots(tmp_path).freeze("2024-05") for one in (noord, register)]
    ours, whole = (one.id for one in made if one is not None)
    utrecht = register.acting_as("f-1", "funder", "province/PV26").snapshots(tmp_path)
    assert [one.id for one in utrecht.all] == [ours]
    assert zuid.snapshots(tmp_path).all == ()
    assert {one.id for one in register.snapshots(tmp_path).all} == {ours, whole}
    with pytest.raises(NotAllowedError):
        utrecht.get(whole)
    assert same_figures(utrecht.table(**QUERY), register.acting_as("f-1", "funder", "province/PV26").table(**QUERY))
    book = register.acting_as("x-1", "public", "service_point/x").snapshots(tmp_path)
    for ask in (lambda: book.all, lambda: book.current, lambda: book.get(ours), lambda: list(book.check())):
        with pytest.raises(NotAllowedError):
            ask()


def test_a_citation_of_more_than_the_scope_is_refused(tmp_path: Path) -> None:
    """It cannot be computed again from a part: that is said, and not that the program is another."""
    register = small()
    register.snapshots(tmp_path).freeze("2024-05")
    citation = register.snapshots(tmp_path).table(period="2024-05").citation
    assert citation is not None
    noord = register.acting_as("c-1", "coordinator", "organisation/noord").snapshots(tmp_path)
    for book in (noord, idocore.open_snapshots(tmp_path, at="organisation/noord")):
        with pytest.raises(NotAllowedError) as caught:
            book.recompute(citation)
        assert caught.value.code == "outside-scope"
    assert register.snapshots(tmp_path).recompute(citation).to_dicts() == [{"registrations": 2}]


@pytest.mark.parametrize("role", FUNDED)
def test_who_may_not_hand_over_may_not_freeze(tmp_path: Path, role: str) -> None:
    """Freezing hands registrations over, without their notes."""
    book = small().acting_as("x-1", role).snapshots(tmp_path)
    with pytest.raises(NotAllowedError):
        book.freeze("2024-05")
    assert list(tmp_path.iterdir()) == []


def test_a_write_during_the_freezing_is_not_missed(tmp_path: Path) -> None:
    """An amendment that comes while rows are written: they are written again, and the figures agree."""
    register = small()
    book = register.snapshots(tmp_path)
    late: list[Callable[[], object]] = [
        lambda: register.record("centrale", inquiries=DIGID, moment="2024-05-20T10:00", overrides=LATE)
    ]
    made = book.freeze("2024-05", progress=lambda _: late.pop()() and None if late else None)
    assert made is not None
    assert made.registrations == 3
    asked = {**QUERY, "period": "2024-05"}
    assert same_figures(book.table(**asked), register.table(**asked))
    assert [path.name for path in tmp_path.iterdir()] == ["ido-2024-05-v1"]
