"""What somebody may see: registrations within their scope, and notes only where that is theirs."""

from collections.abc import Iterable, Iterator
from datetime import date

import attrs
from attrs import frozen

from idocore.errors import ConflictError, NotAllowedError, NotFoundError
from idocore.gazetteer import Gazetteer
from idocore.journal import Entry, Revision, without_texts
from idocore.registrations import Registration
from idocore.roles import Actor, Operation
from idocore.scopes import EVERYWHERE, Scope
from idocore.statistics.cells import Cut
from idocore.statistics.query import Query
from idocore.store import Selection
from idocore.theme_files import Themes


@frozen
class Sight:
    """What `actor` may see of what was registered within `asked`, by the places as they are known."""

    actor: Actor
    places: Gazetteer
    asked: Scope = EVERYWHERE

    def holds(self, registration: Registration) -> bool:
        """Whether the registration was made within the scope."""
        point, day = registration.service_point, registration.local_date
        return all(scope.holds(point, day, self.places) for scope in (self.actor.scope, self.asked))

    def seen(self, revision: Revision) -> Revision:
        """`revision` as it may be seen; raises NotAllowedError when it may not be seen at all."""
        self.actor.require(Operation.READ)
        if not self.holds(of_registration(revision).registration):
            raise self.actor.outside(Operation.READ, revision.registration.service_point)
        return self.shown(revision)

    def shown(self, revision: Revision) -> Revision:
        """`revision`, without free text unless notes may be read."""
        if self.actor.may(Operation.NOTES):
            return revision
        bare = without_texts(revision.registration, revision.texts)
        return attrs.evolve(revision, content=bare, reason=None, overrides=dict.fromkeys(revision.overrides, ""))

    def narrowed(self, selection: Selection) -> Selection:
        """`selection` with only the service points that ever lay within the scope."""
        self.actor.require(Operation.READ)
        several = (selection.service_points, self.actor.scope.points(self.places), self.asked.points(self.places))
        narrowing = [points for points in several if points is not None]
        return attrs.evolve(selection, service_points=frozenset.intersection(*narrowing) if narrowing else None)

    def only_seen(self, revisions: Iterable[Revision]) -> Iterator[Revision]:
        """Those of `revisions` that may be seen, as they may be seen."""
        return (self.shown(revision) for revision in revisions if self.holds(revision.registration))

    def reachable(self, scope: Scope) -> Scope:
        """`scope` itself; raises NotAllowedError when nothing in it ever lay within the scope of who acts.

        What would be empty for that reason must not look as if all were well.
        """
        self.actor.require(Operation.READ)
        own, asked = self.actor.scope.points(self.places), scope.points(self.places)
        # Where no service point lies yet there is nothing that might be missed.
        if own is not None and asked and not own & asked:
            raise self.actor.outside(Operation.READ, str(scope))
        return scope

    def entry(self, entry: Entry) -> Entry:
        """`entry`, without the free text of a registration unless notes may be read there."""
        content = entry.revision.content if entry.texts else None
        if not isinstance(content, Registration) or (self.actor.may(Operation.NOTES) and self.holds(content)):
            return entry
        return attrs.evolve(entry, texts={})

    def covers(self, entry: Entry) -> bool:
        """Whether `entry` is of a registration within the scope, or of something that everybody may know."""
        content = entry.revision.content
        return not isinstance(content, Registration) or self.holds(content)

    def given(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """`entries` as they may be handed on; raises NotAllowedError at a registration outside the scope."""
        if self.actor.scope == EVERYWHERE and self.actor.may(Operation.NOTES):
            yield from entries
            return
        for entry in entries:
            content = entry.revision.content
            if isinstance(content, Registration) and not self.holds(content):
                raise self.actor.outside(Operation.SYNC, content.service_point)
            yield self.entry(entry)

    def narrow(self, error: ConflictError) -> ConflictError:
        """`error`, with what is stored, and by whom, only as far as it may be seen."""
        stored = error.stored
        if stored is None or not stored.is_registration:
            return error
        error.stored = next(self.only_seen([stored]), None)
        if error.stored is not None:
            return error
        return ConflictError("conflict-unseen", id=stored.subject, revision=error.parameters.get("revision"))


def of_registration(revision: Revision) -> Revision:
    """`revision`; raises NotFoundError when it is of anything else, which has an id as well."""
    if not revision.is_registration:
        raise NotFoundError("unknown-registration", id=revision.subject)
    return revision


def within(query: Query, actor: Actor) -> Query:
    """`query` narrowed to the scope of `actor`; raises NotAllowedError for a place outside it."""
    level, code = actor.scope.level, actor.scope.code
    if level == "nation":
        return query
    asked = query.where.get(level)
    if asked is not None and set(asked) != {code}:
        raise actor.outside(Operation.COUNT, ", ".join(one for one in asked if one != code))
    return attrs.evolve(query, where={**query.where, level: (code,)})


def check_place_date(cut: Cut, actor: Actor, places: Gazetteer, themes: Themes) -> None:
    """Raise NotAllowedError where `cut` would not count what was registered within the scope of `actor`.

    A scope holds what lay within it on the day itself. By another place date a service point may lie in it that did not
    then, or the other way round: the table would show figures of elsewhere, or lack some without saying so.
    """
    if cut.ancestry is places.then:
        return
    first = cut.start or themes.versions(cut.theme)[0].valid_from
    point = next(_straying(cut, actor.scope, places, first), None)
    if point is not None:
        raise NotAllowedError("outside-scope-then", scope=str(actor.scope), value=point)


def _straying(cut: Cut, scope: Scope, places: Gazetteer, first: date) -> Iterator[str]:
    """The service points that lie within `scope` by the place date of `cut` or on the day itself, and not by both."""
    last = cut.end or date.max
    for asked in cut.ancestry.spans:
        for then in places.then.by_point.get(asked.service_point, ()):
            days = max(first, asked.valid_from, then.valid_from), min(last, asked.valid_until, then.valid_until)
            is_in, was_in = (span.value(scope.level) == scope.code for span in (asked, then))
            if days[0] < days[1] and is_in is not was_in:
                yield asked.service_point
