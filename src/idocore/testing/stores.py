"""The suite that every store passes, ours and yours.

Facts are checked through the contract only; where a promise could be kept in appearance, the test reads the journal
rather than asking the store whether it did well.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID, uuid5

import attrs
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from idocore.closings import AMENDS, Closing
from idocore.errors import ClosingsChangedError, ConflictError, NotFoundError, StoreError
from idocore.findings import Finding
from idocore.gazetteer import Gazetteer
from idocore.journal import (
    START,
    Content,
    Entry,
    Purpose,
    Revision,
    Standing,
    SubjectKind,
    broken_link,
    subject_of,
    text_paths,
)
from idocore.periods import LOCAL_ZONE
from idocore.purges import Purge
from idocore.registrations import Inquiry, Kind, Registration, Status, new_id
from idocore.statistics import Query, reference
from idocore.statistics.answer import answer
from idocore.store import CONFLICT, FOLLOWS, Arrival, Capability, Head, Selection, Store
from idocore.testing import corpus
from idocore.testing.strategies import NOW, PLACES, SERVICE_POINTS, THEMES, queries, registrations, with_id

_ROOM = UUID("00000000-0000-5000-8000-000000000000")


def registration(number: int = 1, **changes: Any) -> Registration:
    """A registration with an id made from `number`."""
    visit = Registration(
        id=uuid5(_ROOM, str(number)),
        theme="ido@2024",
        service_point="centrale",
        moment=datetime(2024, 5, 6, 10, number % 60, tzinfo=LOCAL_ZONE),
        inquiries=(Inquiry({"topic": "digid", "provider": "logius", "help": ("digital-traffic", "referral")}),),
    )
    return attrs.evolve(visit, **changes)


def revision(content: Registration, **changes: Any) -> Revision:
    """A revision that holds `content`."""
    theme = THEMES.get(content.theme)
    made = Revision(content.id, content.revision, content, "tester", NOW, texts=text_paths(content, theme))
    return attrs.evolve(made, **changes)


def about(content: Content, number: int = 1) -> Revision:
    """A revision that holds `content`, a place, theme file, closing or purge."""
    return Revision(subject_of(content), number, content, "tester", NOW)


def elsewhere(*revisions: Revision, after: Sequence[Entry] = ()) -> list[Entry]:
    """`revisions` as another register wrote them, in a stream of its own, after its entries `after`."""
    stream = after[0].stream if after else uuid5(_ROOM, "elsewhere")
    written = list(after)
    for one in revisions:
        previous = written[-1].hash if written else START
        written.append(Entry.write(stream, len(written) + 1, previous, one))
    return written[len(after) :]


def arriving(entries: Iterable[Entry], held: str | None = None) -> list[Arrival]:
    """`entries` as they arrive by sync; with `held` the code of what must hold them."""
    finding = None if held is None else Finding(held, "service_point", parameters={"value": "nowhere"})
    return [Arrival(entry, entry.kind.purpose, finding) for entry in entries]


CLOSING = Closing("nation", "NL", "2024-05")


class StoreTests:
    """Derive, and give a fixture ``store`` that yields an empty store of yours."""

    examples = 34
    """How many random registers the property test tries, with `queries_each` queries on each."""

    phases = (Phase.explicit, Phase.generate, Phase.shrink)
    """What Hypothesis does; leave out Phase.shrink to see quickly that a store fails."""

    queries_each = 15

    @pytest.fixture(autouse=True)
    def installed(self, store: Store) -> None:
        """The themes are installed before anything else happens."""
        store.install(THEMES)

    def test_what_was_appended_comes_back(self, store: Store) -> None:
        """A registration comes back as it went in, with who, when and why."""
        made = revision(registration(answers={"note": "kwam terug"}), reason="test", overrides={"x": "because"})
        store.append([made])
        assert store.get(made.subject) == made

    def test_an_unknown_subject_is_not_found(self, store: Store) -> None:
        """What was never written raises NotFoundError, which is a LookupError."""
        with pytest.raises(NotFoundError):
            store.get(new_id())
        with pytest.raises(LookupError):
            store.get(new_id(), 3)

    def test_the_same_again_changes_nothing(self, store: Store) -> None:
        """Sending again is harmless: the receipt says so, and the journal has one entry."""
        made = revision(registration(answers={"note": "hallo"}))
        first = store.append([made])[0]
        again = store.append([attrs.evolve(made, actor="somebody-else")])[0]
        assert (first.is_new, again.is_new) == (True, False)
        assert again.entry == first.entry
        assert len(list(store.journal())) == 1

    def test_the_same_id_with_other_content_is_a_conflict(self, store: Store) -> None:
        """Other content under the same id and revision is refused, and tells what is stored."""
        made = revision(registration())
        store.append([made])
        with pytest.raises(ConflictError) as caught:
            store.append([revision(registration(service_point="weesp"))])
        assert caught.value.stored == made
        assert store.get(made.subject) == made

    def test_other_free_text_is_a_conflict(self, store: Store) -> None:
        """Free text is part of the content, though the chain holds only a commitment to it."""
        store.append([revision(registration(answers={"note": "een"}))])
        with pytest.raises(ConflictError):
            store.append([revision(registration(answers={"note": "twee"}))])

    def test_a_revision_follows_the_latest(self, store: Store) -> None:
        """A correction is numbered after the latest revision; one that skips or repeats a number is refused."""
        store.append([revision(registration())])
        store.append([revision(registration(revision=2, status=Status.DRAFT))])
        with pytest.raises(ConflictError):
            store.append([revision(registration(revision=2, status=Status.WITHDRAWN))])
        with pytest.raises(ConflictError):
            store.append([revision(registration(revision=4))])
        assert [store.get(registration().id, number).number for number in (1, 2)] == [1, 2]
        assert store.get(registration().id).number == 2

    def test_a_failing_append_writes_nothing(self, store: Store) -> None:
        """One conflict among many revisions, and none of them is written, neither journal nor facts."""
        store.append([revision(registration(1))])
        before = store.cursor()
        with pytest.raises(ConflictError):
            store.append([revision(registration(2)), revision(registration(1, service_point="weesp"))])
        assert store.cursor() == before
        assert len(store.find(Selection())) == 1

    def test_streams_are_gapless_and_chained(self, store: Store) -> None:
        """Each stream counts from 1 without gaps, and every entry follows from the one before it."""
        other = new_id()
        for number in range(6):
            store.append([revision(registration(number))], stream=other if number % 2 else None)
        streams = {entry.stream for entry in store.journal()}
        assert len(streams) == 2
        for stream in streams:
            entries = [entry for entry in store.journal() if entry.stream == stream]
            assert [entry.position for entry in entries] == [1, 2, 3]
            assert broken_link(entries) is None
            assert store.cursor()[stream] == 3

    def test_the_journal_goes_on_after_a_cursor(self, store: Store) -> None:
        """What comes after a cursor is exactly what was written after it was taken."""
        store.append([revision(registration(1))])
        cursor = store.cursor()
        store.append([revision(registration(2))])
        assert [entry.revision.subject for entry in store.journal(cursor)] == [registration(2).id]

    def test_the_journal_can_be_narrowed(self, store: Store) -> None:
        """By kind and by subject."""
        point = SERVICE_POINTS[0]
        store.append([revision(registration(1)), Revision(subject_of(point), 1, point, "tester", NOW)])
        places = [entry.revision.content for entry in store.journal(kinds=frozenset({SubjectKind.PLACE}))]
        assert places == [point]
        assert [e.revision.content for e in store.journal(subject=registration(1).id)] == [registration(1)]

    def test_free_text_stays_out_of_the_chain(self, store: Store) -> None:
        """The body holds a commitment to a note, never the note."""
        store.append([revision(registration(answers={"note": "geheim-woord"}))])
        assert all("geheim-woord" not in entry.body for entry in store.journal())

    def test_find_pages_through_everything_once(self, store: Store) -> None:
        """Pages come by local date and id, without a gap and without a repeat."""
        made = [
            registration(number, moment=datetime(2024, 5, 1 + number % 7, 9, tzinfo=LOCAL_ZONE)) for number in range(25)
        ]
        store.append([revision(one) for one in made])
        found: list[Registration] = []
        while page := store.find(Selection(), after=(found[-1].local_date, found[-1].id) if found else None, limit=4):
            found += [one.registration for one in page]
        assert found == sorted(made, key=lambda one: (one.local_date, one.id))

    def test_find_selects(self, store: Store) -> None:
        """By days (half-open), service points, theme and status."""
        store.append([
            revision(registration(1, moment=datetime(2024, 5, 1, 9, tzinfo=LOCAL_ZONE))),
            revision(registration(2, moment=datetime(2024, 5, 2, 9, tzinfo=LOCAL_ZONE), service_point="weesp")),
            revision(registration(3, moment=datetime(2024, 5, 2, 9, tzinfo=LOCAL_ZONE), status=Status.WITHDRAWN)),
        ])  # fmt: skip

        def ids(selection: Selection) -> set[UUID]:
            return {one.subject for one in store.find(selection)}

        assert ids(Selection()) == {registration(1).id, registration(2).id}
        assert ids(Selection(start=date(2024, 5, 2))) == {registration(2).id}
        assert ids(Selection(end=date(2024, 5, 2))) == {registration(1).id}
        assert ids(Selection(service_points=frozenset({"weesp"}))) == {registration(2).id}
        assert ids(Selection(statuses=frozenset({Status.WITHDRAWN}))) == {registration(3).id}
        assert ids(Selection(theme="visits")) == set()

    def test_only_the_latest_final_revision_counts(self, store: Store) -> None:
        """A correction takes the place of what it corrects; a withdrawal takes it out."""
        table = self._count(store, [revision(registration())])
        assert table == Counter({("PV26",): 1})
        assert self._count(store, [revision(registration(revision=2, service_point="weesp"))]) == Counter(
            {("PV27",): 1}
        )
        withdrawn = registration(revision=3, service_point="weesp", status=Status.WITHDRAWN)
        assert self._count(store, [revision(withdrawn)]) == Counter()

    def test_a_tally_is_never_one_visitor(self, store: Store) -> None:
        """A tally of seven is no registration and seven visitors."""
        tally = registration(kind=Kind.TALLY, count=7)
        assert self._count(store, [revision(tally)]) == Counter()
        assert self._count(store, [], "visitors") == Counter({("PV26",): 7})

    def _count(self, store: Store, revisions: list[Revision], measure: str = "registrations") -> Counter[Any]:
        store.append(revisions)
        places = Gazetteer.default().with_places(PLACES)
        table = answer(Query((measure,), ("province",)), store.evaluate, THEMES, places, NOW.date())
        return Counter({row.codes: row.numbers[0] for row in table.rows if row.numbers[0]})

    def test_every_query_means_the_same(self, make_store: Any) -> None:
        """On random registers every cut gives the cells of the reference evaluator."""
        places = Gazetteer.default().with_places(PLACES)

        @settings(max_examples=self.examples, phases=self.phases, deadline=None, database=None)
        @given(st.data(), st.sampled_from(["ido", "changing"]))
        def same(data: st.DataObject, theme: str) -> None:
            made = data.draw(st.lists(registrations(theme), max_size=12))
            number = self.queries_each
            asked = data.draw(st.lists(queries(theme), min_size=number, max_size=number))
            made = [with_id(one, number) for number, one in enumerate(made)]
            store = make_store()
            store.install(THEMES)
            store.append([revision(one) for one in made])
            for query in asked:
                with store.at_one_moment() as counting:
                    got = answer(query, counting.evaluate, THEMES, places, NOW.date())
                meant = answer(query, lambda cut: reference.evaluate(cut, made), THEMES, places, NOW.date())
                assert got == meant
            store.close()

        same()

    def test_facts_agree_with_the_journal(self, store: Store) -> None:
        """After appends and corrections a store that can verify finds nothing."""
        if self._refuses(store, Capability.VERIFY, lambda: list(store.verify())):
            return
        store.append([revision(registration(number)) for number in range(5)])
        store.append([revision(registration(2, revision=2, inquiries=(Inquiry({"topic": "pension"}),)))])
        assert list(store.verify()) == []

    def test_threads_may_share_a_store(self, store: Store) -> None:
        """Eight threads append at once: every registration is there, and the chain holds."""

        def work(thread: int) -> None:
            for number in range(5):
                store.append([revision(registration(thread * 100 + number))])

        threads = [Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        entries = list(store.journal())
        assert len(entries) == 40
        assert broken_link(entries) is None

    def test_a_closed_store_says_so(self, store: Store) -> None:
        """After close, harmless twice, everything raises a StoreError."""
        store.close()
        store.close()
        with pytest.raises(StoreError):
            store.get(new_id())
        with pytest.raises(StoreError):
            store.append([])

    # What is told of a conflict, and of streams

    def test_a_conflict_tells_who_was_first(self, store: Store) -> None:
        """The error carries what is stored, and who wrote it when: enough for a sentence and for trying again."""
        first, latest = revision(registration(), actor="ann"), revision(registration(revision=2), actor="bob")
        store.append([first, latest])
        with pytest.raises(ConflictError) as other_content:
            store.append([revision(registration(service_point="weesp"))])
        with pytest.raises(ConflictError) as gap:
            store.append([revision(registration(revision=4))])
        assert (other_content.value.code, gap.value.code) == ("conflict-other-content", "conflict-revision")
        assert (other_content.value.stored, gap.value.stored) == (first, latest)
        assert (other_content.value.parameters["actor"], gap.value.parameters["actor"]) == ("ann", "bob")
        assert gap.value.parameters["recorded_at"] == NOW.isoformat()

    def test_the_same_twice_in_one_append_is_new_once(self, store: Store) -> None:
        """A receipt tells of its own revision: the second of two that are the same found it there already."""
        made = revision(registration(answers={"note": "een"}))
        receipts = store.append([made, made])
        assert [receipt.is_new for receipt in receipts] == [True, False]
        assert receipts[0].entry == receipts[1].entry

    def test_heads_say_what_a_stream_is_for(self, store: Store) -> None:
        """Registrations and the rest have streams of their own; a named stream is not the store's own."""
        assert store.heads() == ()
        bulk = new_id()
        store.append([revision(registration(1)), about(SERVICE_POINTS[0])])
        store.append([revision(registration(2))], stream=bulk)
        heads = {head.stream: head for head in store.heads()}
        assert list(heads) == sorted(heads)
        assert heads[bulk] == Head(bulk, 1, self._last(store, bulk).hash, Purpose.WORK, False)
        own = [head for head in heads.values() if head.is_own]
        assert Counter(head.purpose for head in own) == Counter(Purpose)
        assert all((head.position, head.hash) == (1, self._last(store, head.stream).hash) for head in own)

    def test_entries_keep_their_word(self, store: Store) -> None:
        """Texts and who wrote them lie apart from the body, and are what the body committed to."""
        store.append([revision(registration(answers={"note": "geheim-woord"}), actor="ann-1", reason="omdat")])
        entry = next(store.journal())
        assert entry.keeps_its_word()
        assert entry.by is not None
        assert entry.by.text == "ann-1"
        assert not any(word in entry.body for word in ("geheim-woord", "ann-1", "omdat"))

    def test_a_correction_may_move_to_another_theme(self, store: Store) -> None:
        """Its facts go with it: nothing of it is counted where it was."""
        store.append([revision(registration())])
        moved = registration(revision=2, theme="visits@1", inquiries=())
        assert self._count(store, [revision(moved)]) == Counter()
        assert [one.number for one in store.find(Selection(theme="visits"))] == [2]
        assert store.find(Selection(theme="ido")) == ()

    def _last(self, store: Store, stream: UUID) -> Entry:
        return list(store.journal(stream=stream))[-1]

    # Closings

    def test_who_judged_by_fewer_closings_judges_again(self, store: Store) -> None:
        """An append says by how many closings it was judged; when there are more, nothing is written."""
        store.append([about(CLOSING)], closings=0)
        with pytest.raises(ClosingsChangedError) as caught:
            store.append([revision(registration())], closings=0)
        assert caught.value.code == "closings-changed"
        with pytest.raises(NotFoundError):
            store.get(registration().id)
        store.append([revision(registration())], closings=1)
        store.append([revision(registration(2))])
        assert len(store.find(Selection())) == 2

    def test_every_closing_written_counts_once(self, store: Store) -> None:
        """Opening again is a closing too; the same closing sent again changes nothing, and counts for nothing."""
        store.append([about(CLOSING)], closings=0)
        assert not store.append([about(CLOSING)], closings=1)[0].is_new
        store.append([about(attrs.evolve(CLOSING, is_closed=False), 2)], closings=1)
        with pytest.raises(ClosingsChangedError):
            store.append([], closings=1)
        store.append([revision(registration())], closings=2)

    # Purges

    def test_a_purge_takes_texts_from_every_stream(self, store: Store) -> None:
        """Notes and reasons are gone, of all revisions up to the one named; who wrote them stays, and the chain."""
        first = revision(registration(answers={"note": "een"}), overrides={"x": "geheim"})
        second = revision(registration(revision=2, answers={"note": "twee"}), reason="omdat")
        third = revision(registration(revision=3, answers={"note": "drie"}))
        store.append([first])
        store.append([second, third], stream=new_id())
        store.append([about(Purge(registration().id, 2))])
        assert [store.get(registration().id, number).registration.answers for number in (1, 2, 3)] == [
            {},
            {},
            {"note": "drie"},
        ]
        purged = store.get(registration().id, 2)
        assert (purged.reason, purged.actor) == (None, "tester")
        assert store.get(registration().id, 1).overrides == {"x": ""}
        self._chains_hold(store)

    def test_whether_any_text_is_left(self, store: Store) -> None:
        """Of which registrations any revision has text, in whatever stream: also one that lost it later."""
        one, other, bare = (registration(number, answers={"note": "een"} if number < 3 else {}) for number in (1, 2, 3))
        store.append([revision(one), revision(other), revision(bare)], stream=new_id())
        store.append([revision(attrs.evolve(one, revision=2, answers={}))])
        asked = [one.id, bare.id, new_id()]
        assert store.with_texts(asked) == Store.with_texts(store, asked) == {one.id}
        store.append([about(Purge(one.id, 2))])
        assert store.with_texts(asked) == Store.with_texts(store, asked) == frozenset()
        assert store.with_texts([]) == frozenset()

    def test_a_resend_brings_nothing_back(self, store: Store) -> None:
        """Whoever still has the text sends it again: it is known already, and the text stays away."""
        made = revision(registration(answers={"note": "een"}))
        store.append([made])
        store.append([about(Purge(made.subject, 1))])
        assert not store.append([made])[0].is_new
        assert store.get(made.subject).registration.answers == {}
        store.append([revision(registration(revision=2, answers={"note": "nieuw"}))])
        assert store.get(made.subject).registration.answers == {"note": "nieuw"}

    def test_a_correction_under_way_carries_no_purged_text_on(self, store: Store) -> None:
        """Made before the purge, written after it: refused, and nothing is written; with text of its own it may."""
        first = revision(registration(answers={"note": "een"}), overrides={"x": "geheim"})
        store.append([first])
        changes = {"overrides": {"x": "geheim"}}
        second = revision(registration(revision=2, answers={"note": "een"}), **changes).carrying(first)
        store.append([about(Purge(first.subject, 1))])
        with pytest.raises(ConflictError) as caught:
            store.append([second])
        assert caught.value.code == "conflict-purged"
        assert all(not entry.texts for entry in store.journal(subject=first.subject))
        store.append([revision(registration(revision=2, answers={"note": "twee"})).carrying(first)])
        assert store.get(first.subject).registration.answers == {"note": "twee"}

    def test_a_purge_also_holds_for_what_comes_later(self, store: Store) -> None:
        """A revision that was not here when it was purged comes without its text, whoever wrote it erased as well."""
        made = revision(registration(answers={"note": "een"}), reason="omdat")
        store.append([about(Purge(made.subject, 1, actors=True))])
        store.append([made])
        found = store.get(made.subject)
        assert (dict(found.registration.answers), found.reason, found.actor) == ({}, None, None)
        assert all(not entry.texts for entry in store.journal(subject=made.subject))

    def test_an_erasure_takes_who_wrote_it(self, store: Store) -> None:
        """With actors, who wrote the revisions is gone too; what is counted stays."""
        store.append([revision(registration(), actor="ann"), revision(registration(revision=2), actor="ann")])
        store.append([about(Purge(registration().id, 1, actors=True))])
        assert [store.get(registration().id, number).actor for number in (1, 2)] == [None, "ann"]
        assert self._count(store, []) == Counter({("PV26",): 1})
        with pytest.raises(ConflictError) as caught:
            store.append([revision(registration(service_point="weesp"))])
        assert caught.value.parameters["actor"] is None
        self._chains_hold(store)

    def _chains_hold(self, store: Store) -> None:
        for stream in store.cursor():
            assert broken_link(store.journal(stream=stream)) is None

    # What not every store can do: declared and kept, or not declared and refused

    def test_entries_of_other_registers_are_taken_in(self, store: Store) -> None:
        """They lie here to the letter, under their own stream, and count; arriving again they change nothing."""
        entries = elsewhere(revision(registration(answers={"note": "elders"})), revision(registration(2)))
        if self._refuses(store, Capability.SYNC, lambda: store.receive(arriving(entries))):
            return
        for _ in range(2):
            received = store.receive(arriving(entries))
            assert [one.standing for one in received] == [Standing.APPLIED] * 2
        assert list(store.journal(stream=entries[0].stream)) == entries
        assert store.heads() == (Head(entries[0].stream, 2, entries[1].hash, Purpose.WORK, False),)
        assert self._count(store, []) == Counter({("PV26",): 2})

    def test_a_lot_that_does_not_follow_is_refused_whole(self, store: Store) -> None:
        """A gap, another past, or another entry in the same place: nothing of the lot is written."""
        entries = elsewhere(*(revision(registration(number)) for number in range(4)))
        if self._refuses(store, Capability.SYNC, lambda: store.receive(arriving(entries))):
            return
        store.receive(arriving(entries[:2]))
        before = store.heads()
        other = elsewhere(revision(registration(9)), after=entries[:1])
        for lot in ([entries[3]], [entries[2], *other], [entries[2], attrs.evolve(entries[3], previous=START)]):
            with pytest.raises(ConflictError) as caught:
                store.receive(arriving(lot))
            assert caught.value.code == "journal-forked"
        assert store.heads() == before
        assert len(store.find(Selection())) == 2

    def test_what_is_held_has_no_effect_until_it_is_released(self, store: Store) -> None:
        """It lies in the journal and is told of by held(); it can be received again once nothing holds it."""
        entries = elsewhere(revision(registration()))
        if self._refuses(store, Capability.SYNC, lambda: list(store.held())):
            return
        assert store.receive(arriving(entries, "held-place"))[0].standing is Standing.HELD
        assert [(one.entry.position, one.held and one.held.code) for one in store.held()] == [(1, "held-place")]
        assert (len(list(store.held(Purpose.WORK))), list(store.held(Purpose.REFERENCE))) == (1, [])
        assert len(list(store.journal())) == 1
        assert self._count(store, []) == Counter()
        with pytest.raises(NotFoundError):
            store.get(registration().id)
        released = [attrs.evolve(one, held=None) for one in arriving(one.entry for one in store.held())]
        assert store.receive([_applied(one) for one in released])[0].standing is Standing.APPLIED
        assert list(store.held()) == []
        assert self._count(store, []) == Counter({("PV26",): 1})

    def test_two_registers_that_say_otherwise_are_both_kept(self, store: Store) -> None:
        """The first counts, the other is held with a conflict; the same through another stream is known."""
        mine = revision(registration(1)), revision(registration(2))
        store.append(mine)
        entries = elsewhere(mine[0], revision(registration(2, service_point="weesp")))
        if self._refuses(store, Capability.SYNC, lambda: store.receive(arriving(entries))):
            return
        received = store.receive(arriving(entries))
        assert [one.standing for one in received] == [Standing.KNOWN, Standing.HELD]
        assert [one.held and one.held.code for one in store.held()] == ["held-conflict"]
        assert store.get(registration(2).id) == mine[1]
        assert len(list(store.journal())) == 4

    def test_what_follows_a_conflict_is_held_unless_it_was_known(self, store: Store) -> None:
        """Together with the other or later, again and again; with the mark of who knew, it takes effect."""
        store.append([revision(registration(1)), revision(registration(1, revision=2))])
        second, third = (revision(registration(1, revision=number, service_point="weesp")) for number in (2, 3))
        known = revision(registration(1, revision=4), overrides={CONFLICT: "asked"}, settles=frozenset({START}))
        entries = elsewhere(second, third, known)
        if self._refuses(store, Capability.SYNC, lambda: store.receive(arriving(entries))):
            return
        for lot in (entries[:1], entries[:2], entries[1:2], entries[:2]):
            assert {one.standing for one in store.receive(arriving(lot))} == {Standing.HELD}
        assert [one.held and one.held.code for one in store.held()] == [CONFLICT, FOLLOWS]
        assert store.get(registration(1).id).number == 2
        assert store.receive(arriving(entries[2:]))[0].standing is Standing.APPLIED
        assert store.get(registration(1).id) == known
        assert store.get(registration(1).id).settles == {START}

    def test_purges_and_closings_hold_for_what_arrives(self, store: Store) -> None:
        """A purge keeps its text out of what arrives, a closing from elsewhere counts, and sync judges by closings."""
        entries = elsewhere(revision(registration(answers={"note": "elders"})))
        if self._refuses(store, Capability.SYNC, lambda: store.receive(arriving(entries))):
            return
        store.append([about(Purge(registration().id, 1, actors=True)), about(CLOSING)])
        with pytest.raises(ClosingsChangedError):
            store.receive(arriving(entries), closings=0)
        late = attrs.evolve(entries[0], standing=Standing.AMENDMENT)
        assert store.receive(arriving([late]), closings=1)[0].standing is Standing.AMENDMENT
        assert store.get(registration().id).registration.answers == {}
        assert store.get(registration().id).actor is None
        stream = uuid5(_ROOM, "closings elsewhere")
        other = Entry.write(stream, 1, START, about(attrs.evolve(CLOSING, period="2024-06")))
        store.receive(arriving([other]), closings=1)
        store.append([revision(registration(5))], closings=2)

    def test_a_journal_of_long_ago_counts_as_it_did(self, store: Store) -> None:
        """What an earlier version wrote is read, has the hashes that it had, and gives the figures that it gave."""
        entries = [entry for entry, _ in corpus.journal()]
        assert [entry.hash for entry in entries] == [stated for _, stated in corpus.journal()]
        assert all(entry.keeps_its_word() for entry in entries)
        revisions = [entry.revision for entry in entries]
        store.append([one for one in revisions if not one.is_registration])
        store.append([one for one in revisions if one.is_registration])
        places = Gazetteer.default().with_places(PLACES)
        query = Query(("registrations", "visitors", "inquiries"), ("service_point", "topic"))
        table = answer(query, store.evaluate, THEMES, places, NOW.date())
        assert table.to_dicts() == list(corpus.FIGURES)

    def test_facts_can_be_made_anew(self, store: Store) -> None:
        """After a rebuild everything counts as before: corrections, withdrawals, amendments and purges too."""
        store.append([revision(registration(number)) for number in range(4)])
        store.append([revision(registration(1, revision=2, status=Status.WITHDRAWN))])
        store.append([revision(registration(2, revision=2, service_point="weesp"), overrides={AMENDS: "laat"})])
        store.append([about(Purge(new_id(), 1)), about(SERVICE_POINTS[0])])
        if self._refuses(store, Capability.REBUILD, store.rebuild):
            return
        before, counted = self._count(store, []), list[int]()
        assert store.rebuild(counted.append) == 4
        assert sum(counted) == 4
        assert self._count(store, []) == before == Counter({("PV26",): 2, ("PV27",): 1})
        assert len(store.find(Selection())) == 3

    def test_what_is_not_declared_is_refused(self, store: Store, tmp_path: Path) -> None:
        """Every capability that is not declared raises NotImplementedError when it is asked for."""
        self._refuses(store, Capability.VERIFY, lambda: list(store.verify()))
        self._refuses(store, Capability.SYNC, lambda: store.receive([]))
        self._refuses(store, Capability.SYNC, lambda: list(store.held()))
        self._refuses(store, Capability.BACKUP, lambda: store.backup(tmp_path / "copy"))
        self._refuses(store, Capability.BACKUP, store.adopt)
        self._refuses(store, Capability.ROLLUP, store.rollups)
        self._refuses(store, Capability.ROLLUP, lambda: store.declare_rollups("ido", []))
        self._refuses(store, Capability.ROLLUP, lambda: store.refresh_rollups(Gazetteer.default().then))
        self._refuses(store, Capability.ROLLUP, lambda: list(store.check_rollups()))
        assert store.capabilities <= frozenset(Capability)
        store.tidy()

    def _refuses(self, store: Store, capability: Capability, act: Callable[[], object]) -> bool:
        """Whether `store` does not declare `capability`; then `act` has to raise NotImplementedError."""
        if capability in store.capabilities:
            return False
        with pytest.raises(NotImplementedError, match=capability.value):
            act()
        return True


def _applied(arrival: Arrival) -> Arrival:
    return attrs.evolve(arrival, entry=attrs.evolve(arrival.entry, standing=Standing.APPLIED))
