"""Registers in chains and after restores, and theme files that many bring: the same everywhere, and nobody shut out."""

import sqlite3
from itertools import pairwise
from pathlib import Path
from typing import Any

import attrs
import pytest
from sqlalchemy import create_engine

import idocore
from idocore.arriving import is_readable
from idocore.closings import Closing
from idocore.codec import digest
from idocore.errors import PeriodClosedError, StoreError, ThemeError
from idocore.journal import START, Content, Entry, Purpose, Revision, subject_of
from idocore.judging import Judge
from idocore.places import Municipality, Organisation, ServicePoint, Siting
from idocore.purges import Purge
from idocore.registrations import Inquiry, Registration, new_id
from idocore.store import Arrival
from idocore_sql.access import EngineAccess
from idocore_sql.quick import on_sqlite
from idocore_sql.store import SqlStore
from tests.registers import DIGID, LOCAL, MAY, NOW, OpenRegister, furnished

OWN_CODES = """
[[codelist]]
id = "idocore-basis/topics"
mode = "extend"
label = { nl = "Onderwerpen", en = "Topics" }

[[codelist.codes]]
code = "our-makerspace"
base = "printing"
label = { nl = "3D-printen", en = "3D printing" }
"""
SMALL = """
[[theme]]
name = "klein"
version = "%s"
label = { nl = "Klein", en = "Small" }
valid_from = %s
min_inquiries = 0
fields = []
"""


@pytest.fixture
def library(open_register: OpenRegister) -> idocore.Register:
    return furnished(open_register(actor="library"))


@pytest.fixture
def province(open_register: OpenRegister) -> idocore.Register:
    return open_register(actor="province")


@pytest.fixture
def nation(open_register: OpenRegister) -> idocore.Register:
    return open_register(actor="nation")


def file(directory: Path, name: str, text: str) -> Path:
    path = directory / name
    path.write_text(text)
    return path


def holding(register: idocore.Register) -> list[str]:
    return sorted(one.held.code for one in register.held() if one.held)


def hand_on(*registers: idocore.Register) -> None:
    """Sync each register into the next."""
    for source, target in pairwise(registers):
        idocore.sync(source, target)


def count_of(register: idocore.Register, visit: Registration) -> int | None:
    return register.get(visit.id).count


# Themes


@LOCAL
def test_codes_of_ones_own_stay_through_every_sync(
    library: idocore.Register, province: idocore.Register, tmp_path: Path
) -> None:
    """What extends a list is learned once, however often the journal is read anew."""
    library.install_theme(file(tmp_path, "ours.toml", OWN_CODES))
    library.record("centrale", moment=MAY, inquiries=[{"topic": "our-makerspace"}])
    for number in range(3):
        assert idocore.sync(library, province).is_clean
        library.places.add_organisation(f"extra-{number}")
    assert province.table("inquiries", by="topic").to_dicts() == [{"topic": "printing", "inquiries": 1}]


@LOCAL
@pytest.mark.parametrize("base", ['base = "digid"', ""])
def test_what_a_code_counts_as_never_changes(library: idocore.Register, tmp_path: Path, base: str) -> None:
    """Closed periods were counted by it: a file that says otherwise is refused, one with another label is not."""
    library.install_theme(file(tmp_path, "ours.toml", OWN_CODES))
    library.record("centrale", moment=MAY, inquiries=[{"topic": "our-makerspace"}])
    library.periods.close("2024-05", at="nation")
    before = library.table("inquiries", by="topic").to_dicts()
    turned = OWN_CODES.replace('base = "printing"', base)
    with pytest.raises(ThemeError, match="counts as printing already; that never changes"):
        library.install_theme(file(tmp_path, "ours.toml", turned))
    assert library.table("inquiries", by="topic").to_dicts() == before
    library.install_theme(file(tmp_path, "ours.toml", OWN_CODES.replace("3D printing", "Printing in 3D")))
    assert library.table("inquiries", by="topic").to_dicts() == before


def test_a_closing_by_another_process_is_seen_with_codes_of_ones_own(tmp_path: Path) -> None:
    """A register that has to read its journal anew knows of every closing in it."""
    url = f"sqlite:///{tmp_path}/ido.db"
    with idocore.open(url, clock=lambda: NOW) as desk, idocore.open(url, clock=lambda: NOW) as other:
        furnished(desk).install_theme(file(tmp_path, "ours.toml", OWN_CODES))
        other.periods.close("2024-05", at="nation")
        with pytest.raises(PeriodClosedError):
            desk.record("centrale", moment=MAY, inquiries=DIGID)
        assert len(desk.periods.closed) == 1


@LOCAL
@pytest.mark.parametrize("texts", [(SMALL % ("1", "2024-01-01"), SMALL % ("2", "2024-03-01")), (OWN_CODES, OWN_CODES)])
def test_theme_files_that_contradict_each_other_are_for_people_to_settle(
    library: idocore.Register, province: idocore.Register, tmp_path: Path, texts: tuple[str, str]
) -> None:
    """What comes second is held on either side; both go on, and open again."""
    library.install_theme(file(tmp_path, "theirs.toml", texts[0]))
    province.install_theme(file(tmp_path, "ours.toml", texts[1]))
    idocore.sync(library, province)
    assert holding(province) == ["held-theme-faulty"]
    assert holding(library) == ["held-theme-faulty"]
    for register in (library, province):
        register.record("centrale", moment=MAY, inquiries=DIGID)
        assert list(register.verify()) == []


def test_a_theme_file_that_came_too_late_has_no_effect(tmp_path: Path) -> None:
    """Two processes install what contradicts each other: the second is told, and the register opens."""
    url = f"sqlite:///{tmp_path}/ido.db"
    with idocore.open(url, clock=lambda: NOW) as one, idocore.open(url, clock=lambda: NOW) as other:
        other._knowledge.refresh()
        one.install_theme(file(tmp_path, "one.toml", SMALL % ("1", "2024-01-01")))
        with pytest.raises(ThemeError):
            other.install_theme(file(tmp_path, "other.toml", SMALL % ("2", "2024-03-01")))
        assert list(one.verify()) == []
    with idocore.open(url, clock=lambda: NOW) as again:
        assert "klein@1" in again.themes.themes


def test_a_theme_file_in_the_journal_that_contradicts_is_reported(tmp_path: Path) -> None:
    """Written past every check, it has no effect, and `verify` tells how to mend it."""
    url = f"sqlite:///{tmp_path}/ido.db"
    with idocore.open(url, clock=lambda: NOW) as register:
        register.install_theme(file(tmp_path, "one.toml", SMALL % ("1", "2024-01-01")))
        source = idocore.knowledge.read_theme_source(file(tmp_path, "other.toml", SMALL % ("2", "2024-03-01")))
        register.store.append([Revision(subject_of(source), 1, source, "somebody", NOW)])
    with idocore.open(url, clock=lambda: NOW) as again:
        assert [(one.code, one.path) for one in again.verify()] == [("theme-faulty", "other.toml")]
        mended = (SMALL % ("2", "2024-03-01")).replace("klein", "kleiner")
        again.install_theme(file(tmp_path, "other.toml", mended))
        assert list(again.verify()) == []


@LOCAL
def test_a_theme_file_keeps_what_registrations_may_name(library: idocore.Register, tmp_path: Path) -> None:
    """A changed file may add to what it had, and not take away."""
    library.install_theme(file(tmp_path, "ours.toml", OWN_CODES))
    more = OWN_CODES + OWN_CODES[OWN_CODES.index("[[codelist.codes]]") :].replace("our-makerspace", "our-repair")
    library.install_theme(file(tmp_path, "ours.toml", more))
    assert {"our-makerspace", "our-repair"} <= library.themes.codelist("idocore-basis/topics").by_code.keys()
    with pytest.raises(ThemeError, match="our-repair"):
        library.install_theme(file(tmp_path, "ours.toml", OWN_CODES))


@LOCAL
def test_a_theme_file_that_would_put_another_out_of_effect_is_refused(
    province: idocore.Register, nation: idocore.Register, tmp_path: Path
) -> None:
    """Whichever stands first in the journal: nothing is installed, and `verify` has nothing to tell."""
    nation.install_theme(file(tmp_path, "one.toml", SMALL % ("1", "2024-01-01")))
    idocore.sync(province, nation)
    ended = (SMALL % ("1", "2024-01-01")).replace("min_inquiries", "valid_until = 2024-03-01\nmin_inquiries")
    with pytest.raises(ThemeError):
        province.install_theme(file(tmp_path, "both.toml", ended + SMALL % ("2", "2024-03-01")))
    assert list(province.verify()) == []


# Corrections


@LOCAL
def test_a_correction_of_what_counts_elsewhere_is_held_through_a_chain(
    library: idocore.Register, province: idocore.Register, nation: idocore.Register
) -> None:
    """The nation's count stays until somebody settles it, though the province's correction comes in its own stream."""
    visit = library.tally("centrale", 1, moment=MAY)
    hand_on(library, province, nation)
    nation.correct(visit.id, count=100)
    library.correct(visit.id, count=2)
    idocore.sync(library, province)
    province.correct(visit.id, count=3)
    idocore.sync(province, nation)
    assert holding(nation) == ["held-conflict", "held-follows"]
    assert count_of(nation, visit) == 100


@LOCAL
def test_a_correction_of_what_was_loaded_is_held_where_something_else_counts(
    library: idocore.Register, province: idocore.Register
) -> None:
    """A bulk load has a stream of its own: what corrects it comes before it."""
    idocore.sync(library, province)
    raw = {"id": str(new_id()), "service_point": "centrale", "moment": MAY, "kind": "tally", "count": 1}
    (outcome,) = library.load([idocore.Line(1, raw, None, "")], bulk=True)
    assert outcome.id is not None
    province.record_raw({**raw, "count": 100})
    library.correct(outcome.id, channel="telephone")
    idocore.sync(library, province)
    assert holding(province) == ["held-conflict", "held-follows"]
    assert province.get(outcome.id).count == 100


@LOCAL
def test_a_conflict_is_settled_everywhere(library: idocore.Register, province: idocore.Register) -> None:
    """What the province decides reaches the library by a sync the other way; from there on both go on."""
    visit = library.tally("centrale", 1, moment=MAY)
    idocore.sync(library, province)
    library.correct(visit.id, count=2)
    province.correct(visit.id, count=3)
    idocore.sync(library, province)
    province.correct(visit.id, count=4, reason="afgesproken")
    idocore.sync(province, library)
    assert (count_of(library, visit), count_of(province, visit)) == (4, 4)
    library.correct(visit.id, count=5)
    idocore.sync(library, province)
    assert count_of(province, visit) == 5


@LOCAL
def test_a_correction_by_who_does_not_know_of_the_settlement_is_told(
    library: idocore.Register, province: idocore.Register
) -> None:
    """It comes after the conflict was settled: what was put aside is settled, and this is not."""
    visit = library.tally("centrale", 1, moment=MAY)
    idocore.sync(library, province)
    library.correct(visit.id, count=2)
    province.correct(visit.id, count=3)
    idocore.sync(library, province)
    province.correct(visit.id, count=4, reason="afgesproken")
    assert idocore.sync(library, province).is_clean
    library.correct(visit.id, count=9)
    assert not idocore.sync(library, province).is_clean
    assert holding(province) == ["held-conflict"]
    assert len(list(province.held(settled=True))) == 2
    assert count_of(province, visit) == 4
    province.correct(visit.id, count=9, reason="toch negen")
    assert idocore.sync(library, province).is_clean


@LOCAL
def test_a_register_that_takes_every_conflict_for_settled_is_caught(
    library: idocore.Register, province: idocore.Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin looks at what was settled by its subject only: what comes after it is not told."""
    monkeypatch.setattr("idocore.conflicts.is_settled", lambda *_: True)
    with pytest.raises(AssertionError):
        test_a_correction_by_who_does_not_know_of_the_settlement_is_told(library, province)


@LOCAL
def test_a_conflict_is_settled_through_a_chain(
    library: idocore.Register, province: idocore.Register, nation: idocore.Register
) -> None:
    """The nation took the other side first; what the province decides names both, so that nothing is left to settle."""
    visit = library.tally("centrale", 1, moment=MAY)
    hand_on(library, province, nation)
    library.correct(visit.id, count=2)
    province.correct(visit.id, count=3)
    idocore.sync(library, nation)
    idocore.sync(library, province)
    province.correct(visit.id, count=4, reason="afgesproken")
    assert idocore.sync(province, nation).is_clean
    assert count_of(nation, visit) == 4
    assert (holding(province), holding(nation)) == ([], [])
    assert len(list(nation.held(settled=True))) == 1


@LOCAL
def test_a_conflict_is_settled_only_with_what_was_seen(
    library: idocore.Register, province: idocore.Register, nation: idocore.Register
) -> None:
    """The nation has a correction of its own, of which the province knew nothing when it settled another conflict."""
    visit = library.tally("centrale", 1, moment=MAY)
    hand_on(library, province, nation)
    nation.correct(visit.id, count=100)
    library.correct(visit.id, count=2)
    province.correct(visit.id, count=3)
    idocore.sync(library, province)
    province.correct(visit.id, count=4, reason="afgesproken")
    assert not idocore.sync(province, nation).is_clean
    assert count_of(nation, visit) == 100
    assert holding(nation) == ["held-conflict", "held-conflict", "held-follows"]


@LOCAL
def test_what_waits_is_read_again_only_once_it_takes_effect(
    library: idocore.Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A place that is held makes nobody read the journal anew, until another process has it take effect."""
    url = f"sqlite:///{tmp_path / 'province.db'}"
    with idocore.open(url, actor="one") as one, idocore.open(url, actor="other") as other:
        idocore.sync(library, one.acting_as("c-1", "coordinator", "organisation/zuid"))
        assert "held-scope" in holding(one)
        read, journal = [], SqlStore.journal
        monkeypatch.setattr(SqlStore, "journal", lambda *given, **more: (read.append(1), journal(*given, **more))[1])
        assert one.places.find_service_point("centrale") is None
        assert not read
        idocore.sync(library, other)
        assert one.places.service_point("centrale").id == "centrale"


@LOCAL
def test_what_a_register_between_holds_back_was_seen_all_the_same(
    library: idocore.Register, province: idocore.Register, nation: idocore.Register
) -> None:
    """The province holds a mistake of the library, and so does the nation; the correction of it reaches both."""
    visit = library.record("centrale", moment=MAY, inquiries=DIGID)
    keeper = province.acting_as("p-1", "provincial", "province/PV26")
    hand_on(library, province, nation)
    for point in ("weesp", "wijk"):
        library.correct(visit.id, service_point=point)
        idocore.sync(library, keeper)
        idocore.sync(province, nation)
        assert (point, holding(nation)) in [("weesp", ["held-scope"]), ("wijk", [])]
    assert {one.get(visit.id).service_point for one in (province, nation)} == {"wijk"}


@LOCAL
def test_what_is_held_is_judged_by_who_brought_it(
    library: idocore.Register, nation: idocore.Register, open_register: OpenRegister
) -> None:
    """Another library, which never had the visit, tells nothing of it; its own, with a larger scope, does."""
    other = furnished(open_register(actor="other"))
    visit = library.record("centrale", moment=MAY, inquiries=DIGID)
    idocore.sync(library, nation)
    library.correct(visit.id, service_point="weesp")
    idocore.sync(library, nation.acting_as("c-1", "coordinator", "organisation/noord"))
    assert holding(nation) == ["held-scope"]
    idocore.sync(other, nation)
    assert holding(nation) == ["held-scope"]
    idocore.sync(library, nation)
    assert holding(nation) == []
    assert nation.get(visit.id).service_point == "weesp"


def two_libraries(
    library: idocore.Register, province: idocore.Register, open_register: OpenRegister
) -> tuple[idocore.Register, idocore.Register, idocore.Register]:
    """Another library, and the province as it lets in the one of noord and the other of zuid."""
    furnished(province)
    other = furnished(open_register(actor="other"))
    noord = province.acting_as("c-n", "coordinator", "organisation/noord")
    zuid = province.acting_as("c-z", "coordinator", "organisation/zuid")
    idocore.sync(library, noord)
    idocore.sync(other, zuid)
    return other, noord, zuid


def overreach(library: idocore.Register, other: idocore.Register, zuid: idocore.Register) -> Registration:
    """A library changes, erases and adds visits of another's service point."""
    visit = other.record("weesp", moment=MAY, inquiries=DIGID, answers={"note": "kwam terug"})
    idocore.sync(other, zuid)
    raw = {"id": str(visit.id), "revision": 2, "service_point": "weesp", "moment": MAY, "inquiries": DIGID}
    library.withdraw(library.record_raw(raw))
    library.retention.erase(visit.id)
    library.record("weesp", moment=MAY, inquiries=DIGID)
    return visit


@LOCAL
def test_what_is_out_of_scope_is_released_by_no_passer_by(
    library: idocore.Register, province: idocore.Register, open_register: OpenRegister
) -> None:
    """The sync of the library that it is about does not make the other's changes of it count."""
    other, noord, zuid = two_libraries(library, province, open_register)
    visit = overreach(library, other, zuid)
    for _ in range(2):
        assert not idocore.sync(library, noord).is_clean
        assert set(holding(province)) == {"held-scope"}
        idocore.sync(other, zuid)
        for register in (other, province):
            assert register.get(visit.id) == visit
            assert register.table("registrations").to_dicts() == [{"registrations": 1}]


@LOCAL
def test_a_register_where_anybody_releases_anything_is_caught(
    library: idocore.Register, province: idocore.Register, open_register: OpenRegister, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin judges what is held by the scope of whoever passes by."""
    monkeypatch.setattr(Judge, "may_release", lambda *_: True)
    other, noord, zuid = two_libraries(library, province, open_register)
    visit = overreach(library, other, zuid)
    idocore.sync(library, noord)
    idocore.sync(other, zuid)
    assert province.get(visit.id) != visit


@LOCAL
def test_what_is_out_of_scope_goes_no_further(
    library: idocore.Register, province: idocore.Register, nation: idocore.Register, open_register: OpenRegister
) -> None:
    """Neither down to a sister library nor up to the nation; once the province accepts it, it counts for all."""
    other, noord, zuid = two_libraries(library, province, open_register)
    library.periods.close("2024-04")
    library.places.add_organisation("zuid", "Anders")
    library.record("weesp", moment=MAY, inquiries=DIGID)
    idocore.sync(library, noord)
    hand_on(other, zuid)
    hand_on(province, nation)
    for register in (province, other, nation):
        assert set(holding(register)) == {"held-scope"}
        assert register.periods.closed == ()
        assert register.places.organisation("zuid").name != "Anders"
        assert register.table("registrations").to_dicts() == []
    idocore.sync(library, province)
    idocore.sync(other, zuid)
    idocore.sync(province, nation)
    for register in (province, other, nation):
        assert holding(register) == []
        assert [one.period for one in register.periods.closed] == ["2024-04"]
        assert register.places.organisation("zuid").name == "Anders"
    assert nation.table("registrations").to_dicts() == [{"registrations": 1}]


@LOCAL
def test_a_register_that_hands_on_what_it_refused_is_caught(
    library: idocore.Register, province: idocore.Register, open_register: OpenRegister, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin forgets that the province did not accept it."""
    monkeypatch.setattr(Judge, "_withheld", lambda *_: None)
    other, noord, zuid = two_libraries(library, province, open_register)
    library.periods.close("2024-04")
    idocore.sync(library, noord)
    idocore.sync(other, zuid)
    assert other.periods.closed


@LOCAL
def test_a_purge_of_what_is_not_here_yet_waits_for_it(
    library: idocore.Register, province: idocore.Register, open_register: OpenRegister
) -> None:
    """Of one's own it takes effect in the same sync; of another's, loaded by mistake, it never does."""
    other, noord, zuid = two_libraries(library, province, open_register)
    mine = library.record("centrale", moment=MAY, inquiries=DIGID, answers={"note": "kwam terug"})
    library.retention.erase(mine.id)
    theirs = other.record("weesp", moment=MAY, inquiries=DIGID, answers={"note": "van een ander"})
    library.record("weesp", id=theirs.id, moment=MAY, inquiries=DIGID)
    library.retention.erase(theirs.id)
    for _ in range(2):
        idocore.sync(library, noord)
        idocore.sync(other, zuid)
    assert set(holding(province)) == {"held-scope"}
    assert province.history(mine.id)[0].actor is None
    for register in (other, province):
        assert register.get(theirs.id).answers["note"] == "van een ander"
        assert register.history(theirs.id)[0].actor == "other"


@pytest.mark.parametrize("both_ways", [True, False])
@LOCAL
def test_a_purge_wins_over_who_does_not_know_of_it(
    library: idocore.Register, province: idocore.Register, both_ways: bool
) -> None:
    """Who corrects offline carries the note on; it does not come back, whether purges are brought back or not."""
    visit = library.record("centrale", moment=MAY, inquiries=DIGID, answers={"note": "kwam terug"})
    idocore.sync(library, province)
    province.retention.erase(visit.id)
    library.correct(visit.id, channel="telephone")
    idocore.sync(library, province, both_ways=both_ways)
    assert province.get(visit.id).answers == {}
    assert province.get(visit.id).channel == "telephone"
    assert "kwam terug" not in str(list(province.store.journal()))
    assert not both_ways or "kwam terug" not in str(list(library.store.journal()))


@LOCAL
def test_a_purge_that_only_looks_back_is_caught(
    library: idocore.Register, province: idocore.Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin widens only what arrives: by one way the note comes back."""
    monkeypatch.setattr(Judge, "purges_unseen", lambda *_: [])
    with pytest.raises(AssertionError):
        test_a_purge_wins_over_who_does_not_know_of_it(library, province, both_ways=False)


@LOCAL
def test_a_register_may_go_on_with_what_it_has_no_history_of(
    library: idocore.Register, province: idocore.Register, open_register: OpenRegister
) -> None:
    """A library with a new register sends the next revision of a visit that the province has from the old one."""
    visit = library.tally("centrale", 1, moment=MAY)
    idocore.sync(library, province)
    new = furnished(open_register(actor="new"))
    raw = {"id": str(visit.id), "revision": 2, "service_point": "centrale", "moment": MAY, "kind": "tally", "count": 7}
    new.record_raw(raw)
    idocore.sync(new, province)
    assert (count_of(province, visit), holding(province)) == (7, [])


# Closings


def amendments(register: idocore.Register) -> int:
    rows = register.table("registrations", by="amendment").to_dicts()
    return sum(row["registrations"] for row in rows if row["amendment"] == "yes")


@LOCAL
def test_a_closing_of_ones_own_makes_nothing_late_further_on(
    library: idocore.Register, province: idocore.Register, nation: idocore.Register
) -> None:
    """A library closes its month and hands it on: it is in time at the province, and at the nation."""
    library.record("centrale", moment=MAY, inquiries=DIGID)
    library.periods.close("2024-05", at="organisation/noord")
    hand_on(library, province, nation)
    assert (amendments(province), amendments(nation)) == (0, 0)


@LOCAL
def test_what_comes_after_the_closing_of_who_receives_it_is_late(
    library: idocore.Register, province: idocore.Register, nation: idocore.Register
) -> None:
    """By the first hop and by the second."""
    library.record("centrale", moment=MAY, inquiries=DIGID)
    nation.periods.close("2024-05", at="nation")
    hand_on(library, province, nation)
    assert (amendments(province), amendments(nation)) == (0, 1)
    library.record("wijk", moment=MAY, inquiries=DIGID)
    idocore.sync(library, province)
    assert (amendments(province), amendments(nation)) == (1, 1)


@LOCAL
@pytest.mark.parametrize("period", ["garbage", "2099", "24-05", "0024-05", "9999-W52", "0001-01-01"])
def test_a_closing_of_no_period_shuts_nobody_out(
    library: idocore.Register, province: idocore.Register, period: str
) -> None:
    """It is held, whoever brings it; the rest of the province goes on."""
    idocore.sync(library, province)
    closing = Closing("organisation", "noord", period)
    library.store.append([Revision(subject_of(closing), 1, closing, "somebody", NOW)])
    keeper = province.acting_as("c-1", "coordinator", "organisation/noord")
    report = idocore.sync(library, keeper, both_ways=False)
    assert [one.held.code for one in report.held if one.held] == ["held-period"]
    province.record("weesp", moment=MAY, inquiries=DIGID)
    assert province.periods.closed == ()


def test_a_restored_library_is_not_late_by_its_closing(tmp_path: Path) -> None:
    """It goes on in new streams; what it wrote in the old ones was in time."""
    with idocore.open(f"sqlite:///{tmp_path}/lost.db", clock=lambda: NOW) as lost:
        furnished(lost).record("centrale", moment=MAY, inquiries=DIGID)
        lost.periods.close("2024-05", at="organisation/noord")
        lost.backup(tmp_path / "backup.db")
    url = f"sqlite:///{tmp_path}/again.db"
    idocore.restore_backup(tmp_path / "backup.db", url).close()
    with idocore.open(url, clock=lambda: NOW) as library, idocore.open("memory:", clock=lambda: NOW) as province:
        assert idocore.sync(library, province).is_clean
        assert amendments(province) == 0


# What no program of ours writes


def arriving(library: idocore.Register, province: idocore.Register, *contents: Content) -> list[Arrival]:
    """What becomes of these contents at the province, when somebody wrote them in a stream of their own."""
    judge, stream, previous, found = Judge.of(library, province), new_id(), START, list[Arrival]()
    for position, content in enumerate(contents, start=1):
        revision = Revision(subject_of(content), getattr(content, "revision", 1), content, "somebody", NOW)
        entry = Entry.write(stream, position, previous, revision)
        found += judge.receive([Arrival(entry, Purpose.WORK)])
        previous = entry.hash
    return found


ODD: list[Any] = [1.5, {}, None, ["a", 1], True]
"""What JSON can say, and a count cannot be; nor an answer, but for the last."""


@LOCAL
def test_what_cannot_be_counted_is_held(library: idocore.Register, province: idocore.Register) -> None:
    """Numbers beyond every bound, moments without an offset: kept, without effect; totals stay."""
    visit = library.tally("centrale", 1, moment=MAY)
    idocore.sync(library, province)
    wild: list[Content] = [
        attrs.evolve(visit, id=new_id(), count=-5),
        attrs.evolve(visit, id=new_id(), count=2**62),
        attrs.evolve(visit, id=new_id(), answers={"age_group": 2**62}),
        attrs.evolve(visit, id=new_id(), inquiries=(Inquiry({"topic": "digid"}, -1),)),
        attrs.evolve(visit, id=new_id(), moment=visit.moment.replace(tzinfo=None)),
        Purge(visit.id, 2**62),
        attrs.evolve(visit, id=new_id(), count=2**70),
        attrs.evolve(visit, id=new_id(), moment=visit.moment.replace(year=1)),
        attrs.evolve(visit, id=new_id(), answers={"age_group": 2**70}),
        attrs.evolve(visit, id=new_id(), answers={"age_group": "a\x00"}),
        Purge(visit.id, 2**70),
        attrs.evolve(library.places.organisation("noord"), id="zuid", name="a\x00"),
        attrs.evolve(visit, id=new_id(), service_point="x" * 121),
        Organisation("x" * 121, "Te lang"),
        ServicePoint("x" * 121, "Te lang"),
        ServicePoint("kort", "Kort", (Siting(organisation="x" * 121),)),
        ServicePoint("kort", "Kort", (Siting(variant="x" * 41),)),
        Municipality("G" * 13, "Te lang", "PV26"),
        *(attrs.evolve(visit, id=new_id(), inquiries=(Inquiry({}, odd),)) for odd in ODD),
        *(attrs.evolve(visit, id=new_id(), inquiries=(Inquiry({"topic": odd}),)) for odd in ODD if odd is not True),
    ]
    held = [one.held.code if one.held else None for one in arriving(library, province, *wild)]
    assert held == ["held-content"] * len(wild)
    assert province.table("visitors").to_dicts() == [{"visitors": 1}]
    assert list(province.verify()) == []


def test_what_was_written_at_no_moment_is_held(library: idocore.Register, province: idocore.Register) -> None:
    """When it was written is a moment, too."""
    visit = library.tally("centrale", 1, moment=MAY)
    idocore.sync(library, province)
    revision = Revision(visit.id, 2, attrs.evolve(visit, revision=2), "somebody", NOW.replace(tzinfo=None))
    entry = Entry.write(new_id(), 1, START, revision)
    (arrival,) = Judge.of(library, province).receive([Arrival(entry, Purpose.WORK)])
    assert arrival.held is not None
    assert (arrival.held.code, arrival.held.path) == ("held-content", "recorded_at")


@pytest.mark.parametrize(
    ("actor", "note"), [("somebody", "a\x00b"), ("a\x00b", "kwam terug"), ("a" * 201, "goed"), ("somebody", "goed")]
)
def test_an_entry_that_no_store_takes_is_unreadable(library: idocore.Register, actor: str, note: str) -> None:
    """A NUL, or an actor too long for a column, is looked at before any store is asked; purged, the entry goes on."""
    visit = library.tally("centrale", 1, moment=MAY, answers={"note": "goed"})
    spoilt = attrs.evolve(visit, answers={"note": note})
    revision = Revision(visit.id, 1, spoilt, actor, NOW, texts=frozenset({"answers.note"}))
    entry = Entry.write(new_id(), 1, START, revision)
    assert is_readable(entry) == ("\x00" not in actor + note and len(actor) <= 200)
    assert is_readable(entry.purged(Purge(visit.id, 1, actors=True)))


def test_what_sqlite_has_no_room_for_is_an_error_of_ours(tmp_path: Path) -> None:
    """Python's own errors do not leak out of the store; nothing is half written, and the store goes on."""
    with idocore.open(f"sqlite:///{tmp_path}/ido.db", clock=lambda: NOW) as register:
        visit = furnished(register).tally("centrale", 1, moment=MAY)
        wild = attrs.evolve(visit, id=new_id(), count=2**70)
        with pytest.raises(StoreError) as caught:
            register.store.append([Revision(wild.id, 1, wild, "somebody", NOW)])
        assert caught.value.code == "store-fails"
        register.tally("centrale", 1, moment=MAY)
        assert register.table("visitors").to_dicts() == [{"visitors": 2}]


def test_half_a_character_is_an_error_of_ours() -> None:
    """Nothing encodes it, SQLite's driver neither."""
    engine = create_engine("sqlite://")
    with pytest.raises(StoreError) as caught, EngineAccess(engine, is_ours=True).reading() as connection:
        on_sqlite(connection, "execute", "SELECT ?", ["a\ud800"])
    assert caught.value.code == "store-fails"
    engine.dispose()


def test_what_cannot_be_read_stops_its_stream_alone(tmp_path: Path) -> None:
    """A kind of a newer program, a moment that is none: what stands before it, and every other stream, arrives."""
    url = f"sqlite:///{tmp_path}/newer.db"
    with idocore.open(url, clock=lambda: NOW) as library, idocore.open("memory:", clock=lambda: NOW) as province:
        furnished(library)
        visits = [library.record("centrale", moment=MAY, inquiries=DIGID) for _ in range(3)]
        raws = [{"service_point": "centrale", "moment": MAY, "inquiries": DIGID, "id": str(new_id())}]
        list(library.load([idocore.Line(1, raw, None, "") for raw in raws], bulk=True))
        alter_second(tmp_path / "newer.db", '"kind":"registration"', '"kind":"survey"')
        report = idocore.sync(library, province)
        assert [one.code for one in report.up.refused] == ["entry-unreadable"]
        assert report.up.refused[0].parameters["position"] == 2
        there = {str(one.id) for one in province.find().registrations}
        assert there == {str(visits[0].id), raws[0]["id"]}
        assert idocore.sync(library, province).up.total == 0


def alter_second(path: Path, old: str, new: str) -> None:
    """Rewrite the second entry of the stream of registrations, and the chain after it, as another program might."""
    with sqlite3.connect(path) as connection:
        chosen = "SELECT id FROM idocore_stream WHERE purpose = 'work' AND is_own"
        (stream,) = connection.execute(chosen).fetchone()
        previous = START
        rows = connection.execute("SELECT position, body FROM idocore_journal WHERE stream = ? ORDER BY 1", (stream,))
        for position, body in rows.fetchall():
            text = body.replace(old, new) if position == 2 else body
            change = "UPDATE idocore_journal SET body = ?, previous = ? WHERE stream = ? AND position = ?"
            connection.execute(change, (text, bytes.fromhex(previous), stream, position))
            previous = digest(previous + text)
        connection.execute("UPDATE idocore_stream SET head = ? WHERE id = ?", (bytes.fromhex(previous), stream))
    connection.close()
