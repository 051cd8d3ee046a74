"""Names for people: of every dimension, and of the codes in it."""

from collections.abc import Mapping
from typing import Final

from idocore.gazetteer import Gazetteer
from idocore.places import NATION
from idocore.theme_files import Themes
from idocore.themes import CodeList, FieldType, Label

_HEADINGS: Final = {
    "day": Label("dag", "day"),
    "week": Label("week", "week"),
    "month": Label("maand", "month"),
    "quarter": Label("kwartaal", "quarter"),
    "half_year": Label("halfjaar", "half-year"),
    "year": Label("jaar", "year"),
    "weekday": Label("weekdag", "weekday"),
    "hour": Label("uur", "hour"),
    "nation": Label("land", "nation"),
    "province": Label("provincie", "province"),
    "municipality": Label("gemeente", "municipality"),
    "organisation": Label("organisatie", "organisation"),
    "service_point": Label("IDO-locatie", "service point"),
    "inside": Label("binnen of buiten de bibliotheek", "inside or outside the library"),
    "variant": Label("variant", "variant"),
    "channel": Label("kanaal", "channel"),
    "kind": Label("soort registratie", "kind of record"),
    "theme": Label("versie van het formulier", "version of the form"),
    "amendment": Label("aanvulling na afsluiting", "amendment after closing"),
}
_YES_NO: Final = {"yes": Label("ja", "yes"), "no": Label("nee", "no")}
_FIXED: Final = {
    "nation": {NATION: Label("Nederland", "the Netherlands")},
    "inside": {
        "inside": Label("binnen de bibliotheek", "inside the library"),
        "outside": Label("buiten de bibliotheek", "outside the library"),
    },
    "amendment": _YES_NO,
    "kind": {"visit": Label("bezoek", "visit"), "tally": Label("turf", "tally")},
    "weekday": {
        "1": Label("maandag", "Monday"),
        "2": Label("dinsdag", "Tuesday"),
        "3": Label("woensdag", "Wednesday"),
        "4": Label("donderdag", "Thursday"),
        "5": Label("vrijdag", "Friday"),
        "6": Label("zaterdag", "Saturday"),
        "7": Label("zondag", "Sunday"),
    },
}
_VARIANTS: Final = "idocore-basis/variants"


def labels_for(theme: str, themes: Themes, places: Gazetteer) -> dict[str, Mapping[str, Label]]:
    """For each dimension with a closed set of codes those codes with their names, in order; ``""`` names dimensions."""
    found: dict[str, Mapping[str, Label]] = dict(_FIXED) | _places(places)
    found["variant"] = _of_list(themes.codelists.get(_VARIANTS))
    found["theme"] = {version.id: version.label for version in themes.versions(theme)}
    headings = dict(_HEADINGS)
    for version in themes.versions(theme):
        found["channel"] = _of_list(themes.codelists.get(version.channels))
        headings |= {entry.key: entry.label for entry in version.fields}
        for entry in version.fields:
            if entry.codelist:
                # Versions may have had another field there, with a list of its own.
                found[entry.key] = {**found.get(entry.key, {}), **_of_list(themes.codelist(entry.codelist))}
            elif entry.type is FieldType.BOOLEAN:
                found[entry.key] = _YES_NO
    found[""] = headings
    return found


def _of_list(codelist: CodeList | None) -> Mapping[str, Label]:
    return {entry.code: entry.label for entry in codelist.codes} if codelist else {}


def _places(places: Gazetteer) -> dict[str, Mapping[str, Label]]:
    return {
        "province": {one.code: Label(one.name, one.name) for one in places.provinces},
        "municipality": {one.code: Label(one.name, one.name) for one in places.municipalities()},
        "organisation": {one.id: Label(one.name, one.name) for one in places.organisations},
        "service_point": {one.id: Label(one.name, one.name) for one in places.service_points},
    }
