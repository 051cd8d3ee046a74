"""Whether somebody may bring this, or whether it has to wait: by scope, and by what is known here."""

from typing import TYPE_CHECKING
from uuid import UUID

from attrs import frozen

from idocore.closings import Closing
from idocore.errors import InvalidValueError
from idocore.findings import Finding
from idocore.gazetteer import place_key
from idocore.journal import Entry, Revision, ThemeSource
from idocore.places import Organisation, ServicePoint
from idocore.purges import Purge
from idocore.registrations import Registration
from idocore.releases import Release
from idocore.scopes import EVERYWHERE, Scope
from idocore.store import MISFILED, OUTSIDE

if TYPE_CHECKING:
    from idocore.register import Register


@frozen
class Bringing:
    """What who acts at `target` may bring there; `own` are the streams that the source writes itself."""

    target: "Register"
    own: frozenset[UUID]

    def fault(self, revision: Revision) -> Finding | None:
        """What keeps the content of `revision` from taking effect here; None when nothing does."""
        match revision.content:
            case Registration() as registration:
                return self._registration(registration)
            case Closing() as closing:
                return self._closing(closing)
            case ServicePoint() as point:
                return self._service_point(point, is_new=revision.number == 1)
            case Purge() as purge:
                return self._purge(purge.registration)
            case Organisation() as organisation:
                return self._organisation(organisation)
            case ThemeSource() as theme:
                return self._for_everywhere(theme.key)
            case Release() as release:
                return self._for_everywhere(release.key)
        return self._for_everywhere(place_key(revision.content))

    def _for_everywhere(self, key: str) -> Finding | None:
        """What concerns the whole country comes from who acts for the whole country."""
        fits = self.target.actor.scope == EVERYWHERE
        return None if fits else Finding(OUTSIDE, parameters={"value": key})

    def _registration(self, registration: Registration) -> Finding | None:
        known = self.target._knowledge
        if registration.theme not in known.themes.themes:
            return Finding("held-theme", "theme", parameters={"value": registration.theme})
        if known.places.find_service_point(registration.service_point) is None:
            return Finding("held-place", "service_point", parameters={"value": registration.service_point})
        if not self.target.actor.scope.holds(registration.service_point, registration.local_date, known.places):
            return Finding(OUTSIDE, "service_point", parameters={"value": registration.service_point})
        return self._of_elsewhere(registration.id)

    def _purge(self, registration_id: UUID) -> Finding | None:
        """A purge comes from who may change the registration; of one that is not here yet it waits for that."""
        if self.target.actor.scope == EVERYWHERE or self.target._writer.stored(registration_id) is not None:
            return self._of_elsewhere(registration_id)
        # What is held of it tells whose it is.
        held = list(self.target._store.journal(subject=registration_id))
        fits = bool(held) and all(map(self._is_theirs, held))
        return None if fits else Finding(OUTSIDE, "registration", parameters={"value": str(registration_id)})

    def _is_theirs(self, entry: Entry) -> bool:
        """Whether the source may purge what is held of a registration: its own, where the place is not known here."""
        content, places = entry.revision.content, self.target._knowledge.places
        if not isinstance(content, Registration):
            return False
        if places.find_service_point(content.service_point) is None:
            return entry.stream in self.own
        return self.target.actor.scope.holds(content.service_point, content.local_date, places)

    def _of_elsewhere(self, registration_id: UUID) -> Finding | None:
        """What changes a registration that is here comes from who may change it as it is here."""
        if self.target.actor.scope == EVERYWHERE:
            return None
        there = self.target._writer.stored(registration_id)
        if there is None:
            return None
        if not there.is_registration:
            return misfiled(registration_id)
        visit = there.registration
        fits = self.target.actor.scope.holds(visit.service_point, visit.local_date, self.target._knowledge.places)
        return None if fits else Finding(OUTSIDE, "service_point", parameters={"value": visit.service_point})

    def _closing(self, closing: Closing) -> Finding | None:
        if self.target.actor.scope not in (EVERYWHERE, closing.scope):
            return Finding(OUTSIDE, parameters={"value": closing.key})
        try:
            Scope.parse(str(closing.scope))
            is_sound = not closing.is_closed or closing.days.start <= self.target._now().date()
        except InvalidValueError:
            is_sound = False
        return None if is_sound else Finding("held-period", parameters={"value": closing.key})

    def _service_point(self, point: ServicePoint, *, is_new: bool) -> Finding | None:
        scope, places = self.target.actor.scope, self.target._knowledge.places
        fits, there = True, places.find_service_point(point.id)
        if scope.level in ("organisation", "service_point"):
            fits = scope.code in {siting.organisation for siting in point.sitings} | {point.id}
        if there is None and is_new and scope.level == "organisation":
            fits = scope.may_add(point, places)
        # A province is known only once the point is: what is new here is for the province to correct.
        if there is not None and any(siting.municipality or siting.organisation for siting in there.sitings):
            within = scope.points(places)
            fits = fits and (within is None or point.id in within)
            fits = fits and (there == point or scope.may_change(point.id, places, places.with_places([point])))
        return None if fits else Finding(OUTSIDE, parameters={"value": point.id})

    def _organisation(self, organisation: Organisation) -> Finding | None:
        """One that is here already is changed by itself, or by who supports it."""
        scope, places = self.target.actor.scope, self.target._knowledge.places
        known = any(one.id == organisation.id for one in places.organisations)
        fits = not known or scope.may_keep(organisation.id, places)
        return None if fits else Finding(OUTSIDE, parameters={"value": organisation.id})


def misfiled(subject: UUID) -> Finding:
    """What is filed under the id of something else."""
    return Finding(MISFILED, "id", parameters={"value": str(subject)})
