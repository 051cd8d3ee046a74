"""Who may do what: the table in the documentation is what the core does."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import attrs
import pytest

import idocore
from idocore import Operation, Role
from idocore.errors import ConflictError, NotAllowedError
from tests.registers import DIGID, LOCAL, MAY, NOW, OpenRegister, furnished

TABLE = Path(__file__).parents[2] / "docs" / "reference" / "roles.md"
HOLDING = ["service_point/centrale", "organisation/noord", "province/PV26", "nation"]
ELSEWHERE = ["service_point/weesp", "organisation/zuid", "province/PV27"]


def documented() -> dict[tuple[str, str], str]:
    """The cells of the table, by role and operation."""
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    roles = rows[0][1:-1]
    return {(role, row[0]): cell for row in rows[2:] for role, cell in zip(roles, row[1:-1], strict=True)}


CELLS = documented()


class Desk:
    """A furnished register with something in it to work on, and each operation as a person would start it."""

    def __init__(self, directory: Path) -> None:
        self.register = furnished(idocore.open("memory:", clock=lambda: NOW))
        self.visit = self.register.record("centrale", inquiries=DIGID, moment=MAY, answers={"note": "kwam terug"})
        self.register.periods.close("2024-04", at="nation")
        self.directory = directory
        self.theme = directory / "klein.toml"
        self.theme.write_text(
            '[[theme]]\nname = "klein"\nversion = "1"\nlabel = { nl = "Klein", en = "Small" }\n'
            "valid_from = 2024-01-01\nmin_inquiries = 0\nfields = []\n"
        )

    def attempt(self, operation: str, acting: idocore.Register) -> object:
        return getattr(self, operation)(acting)

    def record(self, acting: idocore.Register) -> object:
        return acting.record("centrale", inquiries=DIGID, moment=MAY)

    def correct(self, acting: idocore.Register) -> object:
        return acting.correct(self.visit, channel="telephone")

    def amend(self, acting: idocore.Register) -> object:
        late = {"period-closed": "lag in een la"}
        return acting.record("centrale", inquiries=DIGID, moment="2024-04-02T10:00", overrides=late)

    def read(self, acting: idocore.Register) -> object:
        return acting.get(self.visit.id)

    def notes(self, acting: idocore.Register) -> object:
        if "note" not in acting.get(self.visit.id).answers:
            raise NotAllowedError("not-allowed")
        return None

    def count(self, acting: idocore.Register) -> object:
        table = acting.table("registrations", where={"service_point": "centrale"})
        if not table.rows:
            raise NotAllowedError("outside-scope")
        return table

    def export(self, acting: idocore.Register) -> object:
        if not acting.export(self.directory / "out.jsonl"):
            raise NotAllowedError("outside-scope")
        return None

    def close(self, acting: idocore.Register) -> object:
        closing = acting.periods.close("2024-03")
        if not closing.scope.holds("centrale", self.visit.local_date, acting.places.gazetteer):
            raise NotAllowedError("outside-scope")
        return closing

    def places(self, acting: idocore.Register) -> object:
        known = acting.places.service_point("centrale")
        return acting.places.put(known)

    def purge(self, acting: idocore.Register) -> object:
        return acting.retention.erase(self.visit.id)

    def sync(self, acting: idocore.Register) -> object:
        source = furnished(idocore.open("memory:", clock=lambda: NOW))
        late = source.record("centrale", inquiries=DIGID, moment=MAY)
        idocore.sync(source, acting, both_ways=False)
        if late.id not in {one.id for one in self.register.find().registrations}:
            raise NotAllowedError("outside-scope")
        return None

    def themes(self, acting: idocore.Register) -> object:
        return acting.install_theme(self.theme)

    def journal(self, acting: idocore.Register) -> object:
        return [*acting.changes(), *acting.verify(), acting.seal()]

    def releases(self, acting: idocore.Register) -> object:
        return acting.publications.list()

    def publish(self, acting: idocore.Register) -> object:
        return acting.publications.prepare(idocore.ReleasePlan.of("maand"), "2024-04")

    def keep(self, acting: idocore.Register) -> object:
        return acting.rebuild()


def is_allowed(desk: Desk, role: str, scope: str, operation: str) -> bool:
    try:
        desk.attempt(operation, desk.register.acting_as("p-1", role, scope))
    except NotAllowedError:
        return False
    return True


def cases() -> Iterator[tuple[str, str, str]]:
    for role, operation in CELLS:
        for scope in HOLDING + ELSEWHERE:
            yield role, scope, operation


def test_the_table_is_complete() -> None:
    """A row for every operation, a column for every role but the owner."""
    roles = [role.value for role in Role if role is not Role.OWNER]
    assert set(CELLS) == {(role, operation.value) for role in roles for operation in Operation}
    assert set(CELLS.values()) == {"yes", "no", "nation", "everywhere"}


def expected(role: str, scope: str, operation: str) -> bool:
    """What the table says."""
    cell = CELLS[role, operation]
    return cell == "everywhere" or (scope == "nation" if cell == "nation" else cell == "yes" and scope in HOLDING)


def check(
    attempt: Callable[[str, str, str], bool], tried: Iterable[tuple[str, str, str]] | None = None
) -> list[tuple[str, str, str]]:
    """The cells in which `attempt` does not do what the table says."""
    wrong = []
    for role, scope, operation in cases() if tried is None else tried:
        if attempt(role, scope, operation) is not expected(role, scope, operation):
            wrong.append((role, scope, operation))
    return wrong


def test_the_core_does_what_the_table_says(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """A person sees and changes only what their role and scope allow: every role, scope and operation is tried."""
    assert check(lambda role, scope, operation: is_allowed(Desk(tmp_path), role, scope, operation)) == []
    record_property("promise", "a person sees and changes only what their role and scope allow")
    record_property("reached", f"{len(list(cases()))} combinations of role, scope and operation, 0 wrong")


def test_a_register_that_forgets_scopes_is_caught(tmp_path: Path) -> None:
    """The broken twin: roles are looked at, scopes are not."""
    some = [case for case in cases() if case[0] == "coordinator"]
    wrong = check(lambda role, _, operation: is_allowed(Desk(tmp_path), role, "nation", operation), some)
    assert {scope for _, scope, _ in wrong} >= set(ELSEWHERE)


def test_the_owner_may_do_everything(tmp_path: Path) -> None:
    """Whoever opens a register is its owner."""
    for operation in Operation:
        desk = Desk(tmp_path)
        desk.attempt(operation.value, desk.register)


def test_nobody_takes_a_larger_role() -> None:
    """Only the owner hands out roles and scopes; anybody may say who acts."""
    register = furnished(idocore.open("memory:", clock=lambda: NOW))
    worker = register.acting_as("w-1", "worker", "service_point/centrale")
    for role, scope in (("owner", None), (None, "nation"), ("coordinator", "nation")):
        with pytest.raises(NotAllowedError):
            worker.acting_as("w-1", role, scope)
    assert worker.acting_as("w-2").actor.role is Role.WORKER
    with pytest.raises(NotAllowedError):
        _ = worker.store
    with pytest.raises(idocore.InvalidValueError):
        register.acting_as("x", "boss")
    with pytest.raises(idocore.InvalidValueError):
        register.acting_as("x", "worker", "centrale")


@pytest.mark.parametrize("role", [None, "owner"])
def test_nobody_owns_a_part(role: str | None) -> None:
    """A scope without a role would look like less than everything, and be everything: it is refused."""
    register = furnished(idocore.open("memory:", clock=lambda: NOW))
    with pytest.raises(idocore.InvalidValueError) as caught:
        register.acting_as("p-1", role, "service_point/centrale")
    assert "coordinator" in caught.value.message("nl")
    assert register.acting_as("p-1", "owner", "nation").actor.role is Role.OWNER


def test_a_table_is_counted_within_the_scope() -> None:
    """Rows, base and unknowns hold nothing of elsewhere; a place outside is refused."""
    register = furnished(idocore.open("memory:", clock=lambda: NOW))
    for point in ("centrale", "wijk", "weesp"):
        register.record(point, inquiries=DIGID, moment=MAY)
    noord = register.acting_as("c-1", "coordinator", "organisation/noord")
    table = noord.table("registrations", by="service_point")
    assert [row["service_point"] for row in table.to_dicts()] == ["centrale", "wijk"]
    assert table.base == {"registrations": 2}
    with pytest.raises(NotAllowedError):
        noord.table("registrations", where={"organisation": "zuid"})
    assert noord.table("registrations", where={"service_point": "weesp"}).rows == ()
    assert {one.service_point for one in noord.find().registrations} == {"centrale", "wijk"}


def test_pages_hold_only_what_may_be_seen() -> None:
    """A point that changed hands shows each organisation its own days; pages still reach the end."""
    from datetime import date

    register = furnished(idocore.open("memory:", clock=lambda: NOW))
    register.places.move("wijk", date(2024, 5, 15), organisation="zuid")
    for day in range(1, 31):
        register.record("wijk", inquiries=DIGID, moment=f"2024-05-{day:02}T10:00")
    zuid = register.acting_as("c-2", "coordinator", "organisation/zuid")
    page, found = zuid.find(limit=4), []
    while True:
        found += page.registrations
        if page.next is None:
            break
        page = zuid.find(limit=4, after=page.next)
    assert [one.local_date.day for one in found] == list(range(15, 31))
    assert len(list(zuid.revisions())) == 16
    assert zuid.table("registrations").to_dicts() == [{"registrations": 16}]


def test_a_conflict_tells_no_more_than_may_be_seen() -> None:
    """Who meets a record of elsewhere hears that there is one, not what it says; notes stay with who may read them."""
    register = furnished(idocore.open("memory:", clock=lambda: NOW))
    visit = register.record("weesp", inquiries=DIGID, moment=MAY, answers={"note": "kwam terug"})
    register.correct(visit, channel="telephone")
    worker = register.acting_as("w-1", "worker", "service_point/centrale")
    with pytest.raises(ConflictError) as sent:
        worker.record("centrale", inquiries=DIGID, moment=MAY, id=visit.id)
    with pytest.raises(ConflictError) as corrected:
        worker.correct(visit, channel="online")
    with pytest.raises(ConflictError) as bare:
        register.acting_as("p-1", "provincial", "province/PV27").correct(visit, channel="online")
    with pytest.raises(ConflictError) as whole:
        register.acting_as("c-2", "coordinator", "organisation/zuid").correct(visit, channel="online")
    assert (sent.value.stored, corrected.value.stored) == (None, None)
    assert bare.value.stored is not None
    assert "note" not in bare.value.stored.registration.answers
    assert whole.value.stored is not None
    assert whole.value.stored.registration.answers["note"] == "kwam terug"


def test_the_journal_and_what_is_held_show_notes_to_who_may_read_them() -> None:
    """An auditor reads the journal, and whoever syncs sees what is held, without the notes that are not theirs."""
    laptop = furnished(idocore.open("memory:", actor="laptop", clock=lambda: NOW))
    laptop.record("weesp", inquiries=DIGID, moment=MAY, answers={"note": "kwam terug"})
    province = idocore.open("memory:", clock=lambda: NOW)
    noord = province.acting_as("c-1", "coordinator", "organisation/noord")
    report = idocore.sync(laptop, noord)
    others = [laptop.acting_as("a-1", "auditor", "nation"), laptop.acting_as("n-1", "national", "nation")]
    shown = [entry for one in others for entry in one.changes()]
    shown += [arrival.entry for arrival in (*report.held, *noord.held())]
    shown += [arrival.entry for arrival in province.acting_as("n-1", "national", "nation").held()]
    assert len(shown) > 10
    assert "kwam terug" not in str(shown)
    assert "kwam terug" in str(list(laptop.changes()))
    assert "kwam terug" in str(list(province.held()))


@LOCAL
def test_who_ran_a_service_point_before_cannot_take_it_back(open_register: OpenRegister) -> None:
    """What the organisation that runs it now registered stays its own: changed here, or brought by sync."""
    register, laptop = furnished(open_register()), open_register()
    register.places.move("wijk", "2024-01-01", organisation="zuid")
    noord, zuid = (register.acting_as(one, "coordinator", f"organisation/{one}") for one in ("noord", "zuid"))
    visit = zuid.record("wijk", inquiries=DIGID, moment=MAY, answers={"note": "van zuid"})
    idocore.sync(laptop, register)
    taken = register.places.service_point("wijk")
    taken = attrs.evolve(taken, sitings=taken.sitings[:1])
    with pytest.raises(NotAllowedError):
        noord.places.put(taken)
    laptop.places.put(taken)
    report = idocore.sync(laptop, noord)
    assert [one.held.code for one in report.held if one.held] == ["held-scope"]
    with pytest.raises(NotAllowedError):
        noord.get(visit.id)
    assert zuid.get(visit.id).answers["note"] == "van zuid"


@LOCAL
def test_who_runs_a_service_point_may_hand_it_over(open_register: OpenRegister) -> None:
    """And may correct where it lay in the time that was theirs."""
    register = furnished(open_register())
    noord = register.acting_as("noord", "coordinator", "organisation/noord")
    noord.places.move("wijk", "2024-01-01", organisation="zuid")
    noord.places.move("centrale", "2024-02-01", municipality="Amersfoort")
    assert register.places.service_point("wijk").siting(NOW.date()).organisation == "zuid"
