"""The suite that every store passes, ours and yours.

Facts are checked through the contract only; where a promise could be kept in appearance, the test reads the journal
rather than asking the store whether it did well.
"""

from collections import Counter
from datetime import date, datetime
from threading import Thread
from typing import Any
from uuid import UUID, uuid5

import attrs
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from idocore.errors import ConflictError, NotFoundError, StoreError
from idocore.gazetteer import Gazetteer
from idocore.journal import Revision, SubjectKind, broken_link, subject_of, text_paths
from idocore.periods import LOCAL_ZONE
from idocore.registrations import Inquiry, Kind, Registration, Status, new_id
from idocore.statistics import reference
from idocore.statistics.answer import answer
from idocore.store import Capability, Selection, Store
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


class StoreTests:
    """Derive, and give a fixture ``store`` that yields an empty store of yours."""

    examples = 40
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
        from idocore.statistics import Query

        store.append(revisions)
        places = Gazetteer.default().with_places(PLACES)
        table = answer(Query((measure,), ("province",)), store.evaluate, THEMES, places, NOW.date())
        return Counter({row.codes: row.numbers[0] for row in table.rows if row.numbers[0]})

    def test_every_query_means_the_same(self, make_store: Any) -> None:
        """On random registers every cut gives the cells of the reference evaluator."""
        places = Gazetteer.default().with_places(PLACES)

        @settings(max_examples=self.examples, phases=self.phases, deadline=None, database=None)
        @given(
            st.lists(registrations(), max_size=12),
            st.lists(queries(), min_size=self.queries_each, max_size=self.queries_each),
        )
        def same(made: list[Registration], asked: list[Any]) -> None:
            made = [with_id(one, number) for number, one in enumerate(made)]
            store = make_store()
            store.install(THEMES)
            store.append([revision(one) for one in made])
            for query in asked:
                got = answer(query, store.evaluate, THEMES, places, NOW.date())
                meant = answer(query, lambda cut: reference.evaluate(cut, made), THEMES, places, NOW.date())
                assert got == meant
            store.close()

        same()

    def test_facts_agree_with_the_journal(self, store: Store) -> None:
        """After appends and corrections a store that can verify finds nothing."""
        if Capability.VERIFY not in store.capabilities:
            pytest.skip("this store does not declare VERIFY")
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
