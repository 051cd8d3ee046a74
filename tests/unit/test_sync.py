"""Sync: registers feed each other, and nothing is lost, doubled or taken over unseen."""

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from uuid import UUID

import attrs
import pytest

import idocore
from idocore.closings import Closing
from idocore.errors import CapabilityError, NotAllowedError, PeriodClosedError
from idocore.journal import START, Entry, Purpose, Revision, broken_link, subject_of
from idocore.judging import Judge
from idocore.memory import MemoryStore
from idocore.store import Arrival, Capability
from tests.registers import DIGID, MAY, NOW, OpenRegister, furnished


@pytest.fixture
def laptop(open_register: OpenRegister) -> idocore.Register:
    """A library's own register, on the store of the test."""
    return furnished(open_register(actor="laptop"))


@pytest.fixture
def province(open_register: OpenRegister) -> idocore.Register:
    """A register that is fed, on the same kind of store."""
    return open_register(actor="province")


def count(register: idocore.Register) -> int:
    return sum(row["registrations"] for row in register.table("registrations", by="amendment").to_dicts())


def record(register: idocore.Register, number: int = 1, **more: object) -> list[idocore.Registration]:
    return [register.record("centrale", inquiries=DIGID, moment=MAY, **more) for _ in range(number)]  # type: ignore[arg-type]


def test_everything_arrives_and_again_is_harmless(laptop: idocore.Register, province: idocore.Register) -> None:
    """Registrations, corrections, withdrawals and places arrive; a second sync brings nothing."""
    visits = record(laptop, 5, answers={"note": "kwam terug"})
    laptop.correct(visits[0], channel="telephone")
    laptop.withdraw(visits[1])
    report = idocore.sync(laptop, province)
    assert report.is_clean
    assert (report.up.total, count(province)) == (12, 4)
    assert province.history(visits[0].id) == laptop.history(visits[0].id)
    assert province.table("registrations", by="province").to_dicts() == [{"province": "PV26", "registrations": 4}]
    assert idocore.sync(laptop, province).up.total == 0
    assert list(province.verify()) == []


def test_the_chain_holds_where_it_arrives(laptop: idocore.Register, province: idocore.Register) -> None:
    """Streams are copied verbatim: the same hashes, still chained, under their own name."""
    record(laptop, 3)
    idocore.sync(laptop, province)
    heads = {head.stream: head.hash for head in province.store.heads()}
    for head in laptop.store.heads():
        assert heads[head.stream] == head.hash
        assert broken_link(province.store.journal(stream=head.stream)) is None


def test_a_sync_goes_on_where_it_was_cut_off(laptop: idocore.Register, province: idocore.Register) -> None:
    """After a failure halfway the next sync brings the rest."""
    record(laptop, 1200)
    seen = 0

    def cut(done: int) -> None:
        nonlocal seen
        seen += done
        if seen > 500:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        idocore.sync(laptop, province, progress=cut)
    assert 0 < count(province) < 1200
    idocore.sync(laptop, province)
    assert count(province) == 1200


def test_a_chain_of_registers(open_register: OpenRegister) -> None:
    """Laptop to province to nation: the nation has what every laptop has, once."""
    laptops = [furnished(open_register(actor=f"laptop-{number}")) for number in range(2)]
    province, nation = open_register(actor="province"), open_register(actor="nation")
    for number, one in enumerate(laptops, start=2):
        record(one, number)
        idocore.sync(one, province)
        idocore.sync(province, nation)
        idocore.sync(one, nation)  # a short cut doubles nothing
    assert (count(province), count(nation)) == (5, 5)


def test_places_and_code_lists_come_back(laptop: idocore.Register, province: idocore.Register) -> None:
    """What the province adds is known on the laptop after a sync; its registrations stay where they are."""
    province.places.add_organisation("noord", "Bibliotheek Noord")
    province.places.add_service_point("provinciaal", municipality="Utrecht", organisation="noord")
    province.record("provinciaal", inquiries=DIGID, moment=MAY)
    report = idocore.sync(laptop, province)
    assert laptop.places.service_point("provinciaal").name == "provinciaal"
    assert report.down.total == 2
    assert count(laptop) == 0


def test_a_closing_comes_down(laptop: idocore.Register, province: idocore.Register) -> None:
    """A period that the province closed is closed on the laptop after a sync."""
    idocore.sync(laptop, province)
    province.periods.close("2024-05", at="organisation/noord")
    idocore.sync(laptop, province)
    with pytest.raises(PeriodClosedError):
        record(laptop)


def test_what_arrives_in_a_closed_period_is_an_amendment(laptop: idocore.Register, province: idocore.Register) -> None:
    """Registered on the laptop before it knew of the closing: booked as an amendment, also after a rebuild."""
    idocore.sync(laptop, province)
    province.periods.close("2024-05", at="organisation/noord")
    late = record(laptop)[0]
    report = idocore.sync(laptop, province)
    expected = [{"amendment": "yes", "registrations": 1}]
    assert report.up.counts[idocore.Standing.AMENDMENT] == 1
    assert province.table("registrations", by="amendment").to_dicts() == expected
    province.rebuild()
    assert province.table("registrations", by="amendment").to_dicts() == expected
    assert list(province.verify()) == []
    assert not laptop.history(late.id)[0].is_amendment


def test_a_place_does_not_walk_around_a_closing_by_sync(laptop: idocore.Register, province: idocore.Register) -> None:
    """Moved on the laptop in a period that the province closed: held, until it is opened again; closed figures stay."""
    laptop.record("wijk", inquiries=DIGID, moment=MAY)
    idocore.sync(laptop, province)
    province.periods.close("2024-05", at="organisation/noord")
    laptop.places.move("wijk", date(2024, 5, 1), organisation="zuid")
    report = idocore.sync(laptop, province)
    assert [one.held and one.held.code for one in report.held] == ["held-closed"]
    by_noord = {"measures": "registrations", "where": {"organisation": "noord"}, "period": "2024-05"}
    assert province.table(**by_noord).to_dicts() == [{"registrations": 1}]  # type: ignore[arg-type]
    province.periods.reopen("2024-05", at="organisation/noord")
    assert idocore.sync(laptop, province).is_clean
    assert province.places.service_point("wijk").siting(date(2024, 5, 1)).organisation == "zuid"


def test_a_town_does_not_walk_around_a_closing_by_sync(laptop: idocore.Register, province: idocore.Register) -> None:
    """A municipality that was put in another province, where the period was open: held where it is closed."""
    laptop.record("wijk", inquiries=DIGID, moment=MAY)
    idocore.sync(laptop, province)
    province.periods.close("2024-05", at="province/PV26")
    laptop.places.put(attrs.evolve(laptop.places.municipality("Amersfoort"), province="PV24"))
    report = idocore.sync(laptop, province)
    assert [one.held and one.held.code for one in report.held] == ["held-closed"]
    assert province.table("registrations", where={"province": "PV26"}).to_dicts() == [{"registrations": 1}]


def test_a_place_moved_with_a_reason_goes_by_sync(laptop: idocore.Register, province: idocore.Register) -> None:
    """What was moved with a reason, or before the register closed the period itself, is no walk around a closing."""
    laptop.places.move("weesp", date(2024, 5, 1), organisation="noord")
    laptop.periods.close("2024-05", at="organisation/noord")
    laptop.places.move("wijk", date(2024, 5, 1), organisation="zuid", overrides={"period-closed": "fout in de lijst"})
    assert idocore.sync(laptop, province).is_clean
    assert province.places.service_point("wijk").siting(date(2024, 5, 1)).organisation == "zuid"


def test_a_conflict_is_listed_and_kept(open_register: OpenRegister) -> None:
    """Corrected in two places at once: the first counts, the other is kept and listed, and a correction settles it."""
    laptop, desk, province = (open_register(actor=name) for name in ("laptop", "desk", "province"))
    furnished(laptop)
    visit = record(laptop)[0]
    idocore.sync(laptop, province)
    idocore.sync(laptop, desk)
    laptop.correct(visit, channel="telephone")
    desk.correct(visit, channel="online")
    idocore.sync(laptop, province)
    report = idocore.sync(desk, province)
    assert [one.held and one.held.code for one in report.held] == ["held-conflict"]
    assert [one.held and one.held.code for one in province.held()] == ["held-conflict"]
    assert province.get(visit.id).channel == "telephone"
    settled = province.correct(province.get(visit.id), channel="online", reason="navraag gedaan")
    idocore.sync(province, laptop)
    assert laptop.get(visit.id) == settled
    assert list(province.verify()) == []


def corrected_apart(laptop: idocore.Register, nation: idocore.Register) -> UUID:
    """Nation and laptop each correct a visit; then the laptop, which knows nothing of it, corrects it once more."""
    visit = record(laptop)[0]
    idocore.sync(laptop, nation)
    nation.correct(visit, channel="online")
    first = laptop.correct(visit, channel="telephone")
    idocore.sync(laptop, nation)
    laptop.correct(first, answers={"note": "kwam terug"})
    return visit.id


def codes(register: idocore.Register) -> list[str]:
    """What holds each thing that is held."""
    return sorted(one.held.code for one in register.held() if one.held)


@pytest.mark.parametrize("at_once", [False, True])
def test_a_correction_that_knows_of_no_conflict_overrides_nothing(
    laptop: idocore.Register, province: idocore.Register, at_once: bool
) -> None:
    """It follows a revision that is held, so it is held, too, whether they come together or not; what counts stays."""
    if at_once:
        visit = record(laptop)[0]
        idocore.sync(laptop, province)
        province.correct(visit, channel="online")
        laptop.correct(laptop.correct(visit, channel="telephone"), answers={"note": "kwam terug"})
    else:
        visit = province.get(corrected_apart(laptop, province))
    for _ in range(2):
        idocore.sync(laptop, province)
        assert codes(province) == ["held-conflict", "held-follows"]
        assert province.get(visit.id).channel == "online"
        assert list(province.verify()) == []


def test_a_conflict_is_settled_where_it_is_known(laptop: idocore.Register, province: idocore.Register) -> None:
    """A correction at the one that holds it counts there, and on the laptop, though its own correction holds there."""
    visit = record(laptop)[0]
    idocore.sync(laptop, province)
    province.correct(visit, channel="online")
    laptop.correct(visit, channel="telephone")
    idocore.sync(laptop, province)
    settled = province.correct(visit.id, channel="online", answers={"note": "navraag gedaan"})
    idocore.sync(province, laptop)
    assert laptop.get(visit.id) == settled
    assert "held-conflict" in province.history(visit.id)[-1].overrides
    again = laptop.correct(settled, channel="telephone", reason="toch")
    assert idocore.sync(laptop, province).up.counts[idocore.Standing.APPLIED] == 1
    assert province.get(visit.id) == again
    for register in (laptop, province):
        assert list(register.verify()) == []


def test_a_register_that_claims_to_know_is_caught(
    laptop: idocore.Register, province: idocore.Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin says of every correction that it settles a conflict, and is believed: it overrides unseen."""
    monkeypatch.setattr("idocore.writer.at_odds", lambda *_: frozenset({START}))
    monkeypatch.setattr("idocore.judging.Judge._settles_ours", lambda *_: True)
    visit = corrected_apart(laptop, province)
    idocore.sync(laptop, province)
    assert province.get(visit).channel == "telephone"


def test_the_same_registration_by_two_ways_counts_once(open_register: OpenRegister) -> None:
    """A partner that sent a record to two registers gets it counted once where both come together."""
    one, other, nation = (furnished(open_register(actor=name)) for name in ("one", "other", "nation"))
    raw = {"id": str(idocore.new_id()), "service_point": "centrale", "moment": MAY, "inquiries": DIGID}
    one.record_raw(raw)
    other.record_raw(raw)
    idocore.sync(one, nation)
    report = idocore.sync(other, nation)
    assert report.up.counts[idocore.Standing.KNOWN] >= 1
    assert count(nation) == 1


def test_what_is_unknown_waits(laptop: idocore.Register, province: idocore.Register, tmp_path: Path) -> None:
    """An unknown theme holds its registrations; once it is installed, the next sync lets them count."""
    path = tmp_path / "klein.toml"
    path.write_text(
        '[[theme]]\nname = "klein"\nversion = "1"\nlabel = { nl = "Klein", en = "Small" }\n'
        "valid_from = 2024-01-01\nmin_inquiries = 0\nfields = []\n"
    )
    laptop.install_theme(path)
    laptop.record("centrale", theme="klein", moment=MAY)
    keeper = province.acting_as("p-1", "provincial", "province/PV26")
    report = idocore.sync(laptop, keeper)
    assert {one.held.code for one in report.held if one.held} == {"held-scope", "held-theme"}
    assert len(province.find(theme="klein").registrations) == 0
    idocore.sync(laptop, province)  # the owner may bring a theme
    assert len(province.find(theme="klein").registrations) == 1
    assert list(province.held()) == []
    assert list(province.verify()) == []


@pytest.mark.parametrize("scope", ["nation", "organisation/noord"])
def test_what_is_filed_under_the_id_of_something_else_has_no_effect(
    laptop: idocore.Register, province: idocore.Register, scope: str
) -> None:
    """Registrations under a place's id, and a closing under none of its own, are held; places stay as they were."""
    visit, other = record(laptop, 2)
    idocore.sync(laptop, province)
    place = subject_of(laptop.places.service_point("centrale"))
    fakes = [Revision(place, 2, attrs.evolve(visit, id=place, revision=2), "somebody", NOW)]
    fakes.append(Revision(other.id, 2, attrs.evolve(other, revision=3), "somebody", NOW))
    fakes.append(Revision(UUID(int=7), 1, Closing("organisation", "noord", "2024-05", True), "somebody", NOW))
    stream = UUID(int=9)
    previous = START
    for position, fake in enumerate(fakes, 1):
        entry = Entry.write(stream, position, previous, fake)
        previous = entry.hash
        judge = Judge.of(laptop, province.acting_as("c-1", "coordinator", scope))
        (arrival,) = judge.receive([Arrival(entry, Purpose.REFERENCE)])
        assert arrival.held is not None
        assert arrival.held.code == "held-id"
    assert [one.id for one in province.places.service_points] == [one.id for one in laptop.places.service_points]
    assert (province.periods.closed, count(province)) == ((), 2)
    assert list(province.verify()) == []


def test_a_source_brings_only_what_lies_in_scope(laptop: idocore.Register, province: idocore.Register) -> None:
    """A library of Noord cannot bring registrations, places or closings of Zuid; they are held, and listed."""
    record(laptop)
    laptop.record("weesp", inquiries=DIGID, moment=MAY)
    laptop.periods.close("2024-04", at="nation")
    noord = province.acting_as("c-1", "coordinator", "organisation/noord")
    report = idocore.sync(laptop, noord)
    assert sorted(one.held.code for one in report.held if one.held) == ["held-scope", "held-scope"]
    assert (report.hidden, report.is_clean) == (1, False)
    assert [one.held and one.held.code for one in province.held()].count("held-place") == 1
    assert count(province) == 1
    province.places.add_organisation("zuid", "Bibliotheek Zuid")
    province.record("centrale", inquiries=DIGID, moment="2024-04-02T10:00")


def test_a_closing_that_was_held_binds_every_process_once_it_is_released(tmp_path: Path) -> None:
    """Another process that had read on past the held closing hears of it when it takes effect."""
    laptop = furnished(idocore.open("memory:", actor="laptop", clock=lambda: NOW))
    url = f"sqlite:///{tmp_path}/province.db"
    with idocore.open(url, clock=lambda: NOW) as province, idocore.open(url, clock=lambda: NOW) as desk:
        idocore.sync(laptop, province)
        laptop.periods.close("2024-05", at="nation")
        idocore.sync(laptop, province.acting_as("c-1", "coordinator", "organisation/noord"))
        record(desk)
        idocore.sync(laptop, province)
        with pytest.raises(PeriodClosedError):
            record(desk)


def test_a_place_that_was_held_is_known_to_every_process_once_it_is_released(tmp_path: Path) -> None:
    """Another process that had read on past the held service point hears of it when it takes effect."""
    laptop = furnished(idocore.open("memory:", actor="laptop", clock=lambda: NOW))
    url = f"sqlite:///{tmp_path}/province.db"
    with idocore.open(url, clock=lambda: NOW) as province, idocore.open(url, clock=lambda: NOW) as desk:
        report = idocore.sync(laptop, province.acting_as("c-1", "coordinator", "organisation/zuid"))
        assert report.held
        assert desk.places.find_service_point("centrale") is None
        idocore.sync(laptop, province)
        assert desk.places.service_point("centrale").id == "centrale"
        record(desk)


def test_a_worker_cannot_sync(laptop: idocore.Register, province: idocore.Register) -> None:
    """Sync is for who keeps registers."""
    with pytest.raises(NotAllowedError):
        idocore.sync(laptop, province.acting_as("w-1", "worker", "service_point/centrale"))


def test_a_purge_wins(laptop: idocore.Register, province: idocore.Register) -> None:
    """A note that the province purged goes from the laptop, and no sync brings it back."""
    visit = record(laptop, answers={"note": "geheim woord"})[0]
    idocore.sync(laptop, province)
    province.retention.erase(visit.id)
    idocore.sync(laptop, province)
    for register in (laptop, province):
        assert "note" not in register.get(visit.id).answers
        assert register.history(visit.id)[0].actor is None
        assert list(register.verify()) == []
    assert count(laptop) == 1


def test_a_purge_that_comes_first_wins_too(open_register: OpenRegister) -> None:
    """The nation hears of the purge before it has the registration: the text never comes to be there."""
    laptop, province, nation = (open_register(actor=name) for name in ("laptop", "province", "nation"))
    visit = record(furnished(laptop), answers={"note": "geheim woord"})[0]
    idocore.sync(laptop, province)
    province.retention.erase(visit.id)
    idocore.sync(nation, province)  # only places, closings and purges come down
    idocore.sync(laptop, nation)
    assert "note" not in nation.get(visit.id).answers
    assert all("geheim" not in str(entry.texts) for entry in nation.changes())


def altered(arrival: Arrival) -> Arrival:
    body = arrival.entry.body.replace("digid", "other")
    return attrs.evolve(arrival, entry=attrs.evolve(arrival.entry, body=body))


def shifted(arrival: Arrival) -> Arrival:
    return attrs.evolve(arrival, entry=attrs.evolve(arrival.entry, previous="f" * 64))


@pytest.mark.parametrize("tampered", [altered, shifted])
def test_a_tampered_stream_is_refused(open_register: OpenRegister, tampered: Callable[[Arrival], Arrival]) -> None:
    """A stream that does not connect stops there, is reported, and the others go on."""

    class Tampering(MemoryStore):
        def journal(self, *arguments: object, **options: object):  # type: ignore[no-untyped-def, override]
            for entry in super().journal(*arguments, **options):  # type: ignore[arg-type]
                is_second = entry.kind == "registration" and entry.position == 2
                yield tampered(Arrival(entry, entry.kind.purpose)).entry if is_second else entry

    source = furnished(idocore.open("memory:", clock=lambda: NOW))
    record(source, 4)
    store = Tampering()
    store.__dict__.update(source.store.__dict__)
    crooked = attrs.evolve(source, store=store)
    target = open_register()
    report = idocore.sync(crooked, target)
    assert [finding.code for finding in report.up.refused] == ["journal-forked"]
    assert count(target) == 0
    assert target.places.service_point("centrale")
    idocore.sync(source, target)
    assert count(target) == 4


def test_a_register_keeps_to_its_own_closings(open_register: OpenRegister) -> None:
    """What was registered before the register closed the period itself is no amendment anywhere; what it booked is."""
    laptop, province, nation = (open_register(actor=name) for name in ("laptop", "province", "nation"))
    furnished(laptop)
    record(laptop, 2)
    idocore.sync(laptop, province)
    record(laptop)  # not yet sent when the province closes
    province.periods.close("2024-05", at="organisation/noord")
    idocore.sync(laptop, province)
    idocore.sync(province, nation)
    for register in (province, nation):
        assert register.table("registrations", by="amendment").to_dicts() == [
            {"amendment": "yes", "registrations": 1},
            {"amendment": "no", "registrations": 2},
        ]


def test_what_is_here_of_others_is_not_changed_from_elsewhere(open_register: OpenRegister) -> None:
    """A library of Noord cannot take over, erase or rename what Zuid has at the target, by its own register."""
    province, laptop = furnished(open_register(actor="province")), open_register(actor="laptop")
    visit = province.record("weesp", inquiries=DIGID, moment=MAY, answers={"note": "geheim woord"})
    idocore.sync(province, laptop)
    laptop.retention.erase(visit.id)
    laptop.correct(visit.id, service_point="centrale")
    laptop.places.add_organisation("zuid", "Bibliotheek Noord-Zuid")
    laptop.places.add_service_point("weesp", municipality="Utrecht", organisation="noord")
    noord = province.acting_as("c-1", "coordinator", "organisation/noord")
    report = idocore.sync(laptop, noord)
    assert [one.held and one.held.code for one in report.held] == ["held-scope"] * 4
    assert province.get(visit.id).service_point == "weesp"
    assert province.get(visit.id).answers["note"] == "geheim woord"
    assert province.places.organisation("zuid").name == "Bibliotheek Zuid"
    assert noord.find().registrations == ()
    idocore.sync(laptop, province)  # the owner may
    assert province.places.service_point("weesp").sitings[0].organisation == "noord"
    assert list(province.held()) == []


def test_what_is_held_is_shown_within_the_scope(laptop: idocore.Register, province: idocore.Register) -> None:
    """Nobody reads what is held of others, coded content neither; that there is more is told by its number."""
    idocore.sync(laptop, province)
    record(laptop)
    laptop.record("weesp", inquiries=DIGID, moment=MAY)
    idocore.sync(laptop, province.acting_as("c-1", "coordinator", "service_point/wijk"))
    assert of_registrations(province.held()) == ["centrale", "weesp"]
    for scope, seen in (
        ("organisation/noord", ["centrale"]),
        ("service_point/weesp", ["weesp"]),
        ("province/PV30", []),
    ):
        keeper = province.acting_as("c-2", "provincial" if scope.startswith("province") else "coordinator", scope)
        assert of_registrations(keeper.held()) == seen
    empty = idocore.open("memory:", clock=lambda: NOW)
    report = idocore.sync(empty, province.acting_as("c-3", "coordinator", "service_point/wijk"))
    assert of_registrations(report.held) == []
    assert (report.hidden, report.is_clean) == (2, False)


def of_registrations(held: Iterable[Arrival]) -> list[str]:
    """The service points of the registrations among what is held."""
    revisions = (one.entry.revision for one in held)
    return sorted(one.registration.service_point for one in revisions if one.is_registration)


def test_a_register_gives_only_what_its_reader_may_see(laptop: idocore.Register, province: idocore.Register) -> None:
    """Nobody reads by sync what lies outside their scope at the source; notes go only with who may read them."""
    record(laptop, answers={"note": "geheim woord"})
    for scope in ("service_point/wijk", "organisation/zuid"):
        report = idocore.sync(laptop.acting_as("c-1", "coordinator", scope), province)
        assert [finding.code for finding in report.up.refused] == ["outside-scope"]
        assert count(province) == 0
    idocore.sync(laptop.acting_as("n-1", "national", "nation"), province)
    assert count(province) == 1
    assert all("geheim" not in str(entry.texts) for entry in province.changes())
    assert list(province.verify()) == []


def test_a_library_fetches_its_own_from_the_province(open_register: OpenRegister) -> None:
    """Whatever others have there: streams with what is not its own are refused, the others arrive."""
    laptops = [furnished(open_register(actor=f"laptop-{number}")) for number in range(4)]
    province, own = open_register(actor="province"), open_register(actor="own")
    for number, laptop in enumerate(laptops):
        laptop.record("centrale" if number % 2 else "weesp", inquiries=DIGID, moment=MAY)
        idocore.sync(laptop, province)
    report = idocore.sync(province.acting_as("c-1", "coordinator", "organisation/noord"), own)
    assert {finding.code for finding in report.up.refused} == {"outside-scope"}
    assert own.table("registrations", by="service_point").to_dicts() == [
        {"service_point": "centrale", "registrations": 2}
    ]


def test_a_source_that_takes_nothing_in_says_how(laptop: idocore.Register, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is brought, and not only when the target has something for it."""
    province = idocore.open("memory:", clock=lambda: NOW)
    monkeypatch.setattr(type(laptop.store), "capabilities", frozenset[Capability]())
    with pytest.raises(CapabilityError) as caught:
        idocore.sync(laptop, province)
    assert "both_ways=False" in str(caught.value)


def test_a_copy_that_was_put_back_and_went_on_is_noticed(tmp_path: Path) -> None:
    """An old copy of the file, written further, never looks as if it had nothing to bring."""
    url, province = f"sqlite:///{tmp_path}/laptop.db", idocore.open("memory:", clock=lambda: NOW)
    with idocore.open(url, clock=lambda: NOW) as laptop:
        record(furnished(laptop), 2)
        laptop.backup(tmp_path / "old.db")
        record(laptop, 5)
        assert idocore.sync(laptop, province).is_clean
    with idocore.open(f"sqlite:///{tmp_path}/old.db", clock=lambda: NOW) as copy:
        assert idocore.sync(copy, province).is_clean  # only behind
        record(copy, 3)
        report = idocore.sync(copy, province)
    assert [finding.code for finding in report.up.refused] == ["journal-forked"]
    assert count(province) == 7


def test_what_came_late_shows_in_its_history(laptop: idocore.Register, province: idocore.Register) -> None:
    """What a sync books as an amendment is one in its history, too, and is handed on as one."""
    visit = record(laptop)[0]
    furnished(province).periods.close("2024-05", at="organisation/noord")
    idocore.sync(laptop, province)
    assert [one.is_amendment for one in province.history(visit.id)] == [True]
    assert [one.is_amendment for one in laptop.history(visit.id)] == [False]
    assert province.table("registrations", by="amendment").to_dicts() == [{"amendment": "yes", "registrations": 1}]
    assert list(province.verify()) == []


def two_names(laptop: idocore.Register, province: idocore.Register) -> None:
    """Both have made the same service point by themselves, and each has heard of the other's."""
    laptop.places.add_service_point("bus", "Bibliobus", municipality="Utrecht", organisation="noord")
    province.places.add_organisation("noord", "Bibliotheek Noord")
    province.places.add_service_point("bus", "Bus van Noord", municipality="Amersfoort", organisation="noord")
    idocore.sync(laptop, province)


def names(*registers: idocore.Register) -> list[str]:
    return [register.places.service_point("bus").name for register in registers]


def test_a_conflict_of_a_place_is_settled_by_changing_it(laptop: idocore.Register, province: idocore.Register) -> None:
    """Held on both sides; the next change of it, on either side, counts on both, and so do those that follow."""
    two_names(laptop, province)
    assert names(laptop, province) == ["Bibliobus", "Bus van Noord"]
    assert "held-conflict" in codes(province)
    province.places.add_service_point("bus", "Bus", municipality="Utrecht", organisation="noord")
    idocore.sync(laptop, province)
    assert names(laptop, province) == ["Bus", "Bus"]
    laptop.places.add_service_point("bus", "De bus", municipality="Utrecht", organisation="noord")
    idocore.sync(laptop, province)
    assert names(laptop, province) == ["De bus", "De bus"]
    for register in (laptop, province):
        assert list(register.verify()) == []


def test_a_conflict_of_a_place_is_settled_as_it_is(laptop: idocore.Register, province: idocore.Register) -> None:
    """Storing the same once more changes nothing, unless it is said that it settles the conflict."""
    two_names(laptop, province)
    point = laptop.places.service_point("bus")
    laptop.places.put(point)
    idocore.sync(laptop, province)
    assert names(laptop, province) == ["Bibliobus", "Bus van Noord"]
    laptop.places.put(point, overrides={"held-conflict": "zo heet hij"})
    idocore.sync(laptop, province)
    assert names(laptop, province) == ["Bibliobus", "Bibliobus"]


def test_a_register_that_settles_no_places_is_caught(
    laptop: idocore.Register, province: idocore.Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin changes a place as if it knew of no conflict: the two never agree again."""
    monkeypatch.setattr("idocore.writer.Writer._settling", lambda _, made: made)
    two_names(laptop, province)
    province.places.add_service_point("bus", "Bus", municipality="Utrecht", organisation="noord")
    idocore.sync(laptop, province)
    assert names(laptop, province) == ["Bibliobus", "Bus"]


def test_what_a_sync_would_bring_is_for_who_may_sync(laptop: idocore.Register, province: idocore.Register) -> None:
    """How much there is to bring tells of both registers: each is asked."""
    public, worker = (laptop.acting_as("x-1", "public"), province.acting_as("w-1", "worker"))
    for source, target in ((public, province), (laptop, worker)):
        with pytest.raises(NotAllowedError):
            idocore.pending(source, target)
    assert idocore.pending(laptop, province.acting_as("n-1", "national")) > 0
