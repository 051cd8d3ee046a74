"""Which fields of older theme versions a dimension asks, and what their codes stand for.

A series over several versions follows the bridges between them, from the newest version that has the field back to
the oldest. What maps to one code for sure is carried over: what was kept, renamed or merged. Where a code was split it
stays what it was, since nobody knows which of the new ones it would have been; asked for what is comparable, the new
ones are added up to what the old one meant.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Literal

import attrs
from attrs import frozen

from idocore.errors import NotFoundError
from idocore.statistics.cells import Source
from idocore.theme_files import Themes
from idocore.themes import Bridge, Field, FieldBridge, FieldType, Theme

Codes = Literal["base", "local", "comparable"]
"""How codes are counted: as the national ones they name, as they were given, or as what all versions can tell apart."""


@frozen
class _Answer:
    """A code as the answer to a field of a version."""

    theme: str
    field: str
    code: str


def sources(entry: Field, themes: Themes, name: str, codes: Codes) -> tuple[Source, ...]:
    """Where the versions of theme `name` keep what `entry` asks; empty when that is in `entry` alone, as it is."""
    fields = _reached(entry, themes, name)
    plain = {one.key for one in fields.values()} == {entry.key}
    carried = _Carried.over(fields, themes, name, codes)
    if plain and not carried.meanings:
        return ()
    found = (_source(field, theme_id, themes, carried, codes) for (theme_id, _), field in fields.items())
    return tuple(_joined(found))


def _reached(entry: Field, themes: Themes, name: str) -> dict[tuple[str, str], Field]:
    """The fields from which bridges lead to `entry`, itself included, by version and key."""
    versions = themes.versions(name)
    found = {(theme.id, entry.key): entry for theme in versions if entry.key in theme.by_key}
    newest = next(theme for theme in reversed(versions) if entry.key in theme.by_key)
    wanted = {entry.key}
    for older, newer in reversed(list(pairwise(versions))):
        if newer.valid_from > newest.valid_from:
            continue
        bridge = _bridge(themes, older, newer)
        wanted = {one.field for one in bridge.fields if one.field and wanted & set(one.to)} if bridge else set(wanted)
        wanted |= {entry.key} & set(older.by_key)
        for key in wanted & set(older.by_key):
            field = older.by_key[key]
            # What was asked of the visit as a whole says nothing of one inquiry, nor the other way about.
            if field.level is entry.level and field.type is not FieldType.TEXT:
                found[older.id, key] = field
    return found


def _bridge(themes: Themes, older: Theme, newer: Theme) -> Bridge | None:
    try:
        return themes.bridge(older.id, newer.id)
    except NotFoundError:
        return None


@frozen
class _Carried:
    """What the answers of several versions mean; an answer that is not in `meanings` means its own code."""

    meanings: Mapping[_Answer, tuple[str, ...]]

    @classmethod
    def over(cls, fields: Mapping[tuple[str, str], Field], themes: Themes, name: str, codes: Codes) -> "_Carried":
        """Follow the bridges from the newest version back."""
        meanings: dict[_Answer, tuple[str, ...]] = {}
        splits: list[tuple[str, ...]] = []
        for older, newer in reversed(list(pairwise(themes.versions(name)))):
            bridge = _bridge(themes, older, newer)
            for change in bridge.fields if bridge else ():
                target = next((key for key in change.to if (newer.id, key) in fields), None)
                if change.field and target and (older.id, change.field) in fields:
                    later = {
                        one.code: ends for one, ends in meanings.items() if (one.theme, one.field) == (newer.id, target)
                    }
                    meant, split = _carried(change, later)
                    meanings |= {_Answer(older.id, change.field, code): ends for code, ends in meant.items()}
                    splits += split
        return cls(_in_classes(meanings, _classes(splits), fields, themes) if codes == "comparable" else meanings)


def _carried(
    change: FieldBridge, later: Mapping[str, tuple[str, ...]]
) -> tuple[dict[str, tuple[str, ...]], list[tuple[str, ...]]]:
    """What codes mean in the end, given what they mean `later`; and those that were split, each with what became of it.

    A code that was split or not continued stays what it was.
    """
    meant = {code: ends for code, ends in later.items() if code not in change.codes}
    splits = []
    for code, became in change.codes.items():
        ends = tuple(dict.fromkeys(end for new in became for end in later.get(new, (new,))))
        if len(became) == 1 or (became and change.stands_for_all):
            meant[code] = ends
        elif became:
            splits.append((code, *ends))
    return meant, splits


def _classes(splits: Iterable[tuple[str, ...]]) -> dict[str, str]:
    """For each code that was split, or came of a split, the narrowest class that all versions can tell apart.

    It is called after the code that was split; after all of them where several share what came of them.
    """
    groups: list[tuple[set[str], set[str]]] = []
    for old, *new in splits:
        wide, narrow = {old}, set(new)
        for group in [one for one in groups if (one[0] | one[1]) & (wide | narrow)]:
            groups.remove(group)
            wide, narrow = wide | group[0], narrow | group[1]
        groups.append((wide, narrow))
    return {code: "+".join(sorted(wide - narrow or wide)) for wide, narrow in groups for code in wide | narrow}


def _in_classes(
    meanings: Mapping[_Answer, tuple[str, ...]],
    classes: Mapping[str, str],
    fields: Mapping[tuple[str, str], Field],
    themes: Themes,
) -> dict[_Answer, tuple[str, ...]]:
    """`meanings` with every code as the class that it fell in."""
    found = {
        answer: tuple(dict.fromkeys(classes.get(code, code) for code in codes)) for answer, codes in meanings.items()
    }
    for (theme_id, key), field in fields.items():
        for code in themes.codelist(field.codelist).by_code if field.codelist else ():
            if classes.get(code, code) != code:
                found.setdefault(_Answer(theme_id, key, code), (classes[code],))
    return found


def _source(field: Field, theme_id: str, themes: Themes, carried: _Carried, codes: Codes) -> Source:
    """Where one version keeps it: bridges look at base codes, unless a library's own are asked for."""
    known = themes.codelist(field.codelist) if field.codelist else None
    bases = known.bases if known and codes != "local" else {}
    mapped: dict[str, tuple[str, ...]] = {own: (base,) for own, base in bases.items()}
    for answer, meaning in carried.meanings.items():
        if (answer.theme, answer.field) == (theme_id, field.key):
            mapped |= {own: meaning for own, base in bases.items() if base == answer.code}
            mapped[answer.code] = meaning
    return Source(field.key, frozenset({theme_id}), field.type is FieldType.CODES, mapped)


def _joined(several: Iterable[Source]) -> Iterator[Source]:
    """`several` with those that differ only in their versions made one."""
    found: list[Source] = []
    for one in several:
        same = next((there for there in found if attrs.evolve(there, themes=one.themes) == one), None)
        if same is None:
            found.append(one)
        else:
            found[found.index(same)] = attrs.evolve(same, themes=same.themes | one.themes)
    yield from found


def takes_several(several: Iterable[Source]) -> bool:
    """Whether a record may have more than one code in a dimension with these sources."""
    known = list(several)
    themes = [theme for source in known for theme in source.themes]
    return (
        any(source.multiple for source in known)
        or any(len(codes) > 1 for source in known for codes in source.codes.values())
        or len(set(themes)) < len(themes)
    )
