"""The theme data that comes with idocore holds together and says what is known of the forms."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

import pytest

from idocore import data
from idocore.theme_files import ThemeFile, Themes
from idocore.themes import Bridge, Code, Label, Theme

IDO_2021, IDO_2022, IDO_2024 = date(2021, 6, 24), date(2022, 1, 1), date(2024, 4, 1)
DAY = timedelta(days=1)


def loaded() -> Themes:
    """All our files together, in the order in which idocore reads them."""
    themes = Themes()
    for file in data.themes():
        themes = themes.with_file(ThemeFile.parse(file.read_text("utf-8"), file.name), file.name)
    return themes


@pytest.fixture(scope="module")
def themes() -> Themes:
    return loaded()


def labels(themes: Themes) -> Iterator[tuple[str, Label]]:
    """Every label and note in the data, with its place."""
    for codelist in themes.codelists.values():
        yield codelist.id, codelist.label
        yield from ((f"{codelist.id}: {code.code}", code.label) for code in codelist.codes)
    for theme in themes.themes.values():
        yield theme.id, theme.label
        yield from ((f"{theme.id}.{entry.key}", entry.label) for entry in theme.fields)
    for bridge in themes.bridges:
        for note in (bridge.note, *(entry.note for entry in bridge.fields)):
            if note is not None:
                yield f"{bridge.source} -> {bridge.target}", note


def ends(themes: Themes, bridge: Bridge) -> tuple[Theme, Theme]:
    """The version that the bridge leaves, and the one it reaches."""
    return themes.get(bridge.source), themes.get(bridge.target)


def shared_codes(themes: Themes, bridge: Bridge) -> Iterator[tuple[str, Code]]:
    """(field, code) for the codes in use on the last day of the older version, of fields with a future."""
    older, newer = ends(themes, bridge)
    for entry in older.fields:
        if entry.codelist and bridge.of(entry.key).to:
            last = themes.codelist(entry.codelist).valid_on(newer.valid_from - DAY)
            yield from ((entry.key, code) for code in last)


def codes_on(themes: Themes, list_id: str, day: date) -> set[str]:
    return {code.code for code in themes.codelist(f"idocore-basis/{list_id}").valid_on(day)}


def test_files_have_no_faults(themes: Themes) -> None:
    """All our files load, and together they contradict themselves nowhere."""
    assert {theme.id for theme in themes.versions("ido")} == {"ido@2019", "ido@2021", "ido@2022", "ido@2024"}
    assert themes.names() == ("ido", "visits")
    assert list(themes.faults()) == []


def test_each_day_has_one_form(themes: Themes) -> None:
    """On every day from 1 June 2019 to the end of 2026 exactly one version of the form is in use."""
    first, last = date(2019, 6, 1), date(2026, 12, 31)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    wrong = [day for day in days if sum(theme.is_valid(day) for theme in themes.versions("ido")) != 1]
    assert wrong == []


def test_each_version_has_a_bridge_to_the_next(themes: Themes) -> None:
    """No step between two versions of a theme is without a bridge."""
    for name in themes.names():
        versions = themes.versions(name)
        for older, newer in pairwise(versions):
            assert older.valid_until == newer.valid_from
            assert themes.bridge(older.id, newer.id)


def test_labels_are_bilingual(themes: Themes) -> None:
    """Every label and every note has a text in Dutch and one in English."""
    assert [place for place, label in labels(themes) if not (label.nl.strip() and label.en.strip())] == []


def test_codes_and_keys_are_well_formed(themes: Themes) -> None:
    """Codes are kebab-case and occur once in their list; keys are snake_case and no word of the record."""
    for codelist in themes.codelists.values():
        codes = [code.code for code in codelist.codes]
        assert len(codes) == len(set(codes)), codelist.id
        assert [code for code in codes if not code.replace("-", "").isalnum() or code != code.lower()] == []
    keys = {entry.key for theme in themes.themes.values() for entry in theme.fields}
    assert [key for key in keys if not key.isidentifier() or key != key.lower()] == []
    assert keys.isdisjoint(
        {
            "id",
            "kind",
            "theme",
            "service_point",
            "moment",
            "precision",
            "channel",
            "status",
            "revision",
            "count",
        }
    )


def test_codes_that_are_named_exist(themes: Themes) -> None:
    """Skip logic, bridges and wider codes name codes that their lists have."""
    for theme in themes.themes.values():
        for entry in theme.fields:
            if entry.when:
                asked = themes.codelist(theme.by_key[entry.when.field].codelist or "")
                assert set(entry.when.codes) <= {code.code for code in asked.valid_on(theme.valid_from)}
    for bridge in themes.bridges:
        older, _ = ends(themes, bridge)
        for step in bridge.fields:
            if step.codes:
                assert step.field
                codelist = themes.codelist(older.by_key[step.field].codelist or "")
                assert set(step.codes) <= set(codelist.by_code)
    for narrow, wide in (("topics", "inquiry-kinds"), ("providers", "government-levels")):
        broader = {code.broader for code in themes.codelist(f"idocore-basis/{narrow}").codes} - {None}
        assert broader
        assert broader <= set(themes.codelist(f"idocore-basis/{wide}").by_code)


def test_every_topic_has_a_kind(themes: Themes) -> None:
    """The kind of an inquiry can be filled in from any topic."""
    assert [code.code for code in themes.codelist("idocore-basis/topics").codes if code.broader is None] == []


def test_providers_join_in_their_year(themes: Themes) -> None:
    """Eight partners from 2019, five more in 2021, fourteen in 2022, seventeen in 2023; none too early."""
    beside = {"municipality", "other-government", "not-government"}
    first = {"belastingdienst", "cak", "cbr", "ciz", "cjib", "duo", "svb", "uwv"}
    joined = {"huurcommissie", "lbio", "raad-voor-rechtsbijstand", "rdw", "logius"}
    assert codes_on(themes, "providers", date(2018, 12, 31)) == beside
    assert codes_on(themes, "providers", date(2019, 6, 1)) == beside | first
    assert codes_on(themes, "providers", date(2020, 12, 31)) == beside | first
    assert codes_on(themes, "providers", date(2021, 12, 31)) == beside | first | joined
    assert len(codes_on(themes, "providers", date(2022, 12, 31)) - beside) == 14
    assert codes_on(themes, "providers", date(2023, 12, 31)) == (
        beside | first | joined | {"kvk", "kadaster", "kifid", "skgz"}
    )


def test_codes_that_end_at_a_boundary_are_carried(themes: Themes) -> None:
    """A code that ends where its form ends is in the bridge, with codes of the next form or with none."""
    ended = []
    for bridge in themes.bridges:
        _, newer = ends(themes, bridge)
        for key, code in shared_codes(themes, bridge):
            if not code.is_valid(newer.valid_from):
                ended.append(code.code)
                assert code.code in bridge.of(key).codes, f"{bridge.target}.{key}: {code.code}"
    assert sorted(ended) == ["10-to-20", "over-20", "under-10"]


def test_carried_codes_can_be_used_in_the_next_form(themes: Themes) -> None:
    """Whatever an older answer is carried to may be answered on the first day of the newer version."""
    for bridge in themes.bridges:
        _, newer = ends(themes, bridge)
        for key, code in shared_codes(themes, bridge):
            for target, became in bridge.carry(key, code.code):
                codelist = themes.codelist(newer.by_key[target].codelist or "")
                assert became in {one.code for one in codelist.valid_on(newer.valid_from)}


def test_durations_leave_no_gap_and_share_the_bound_of_twenty_minutes(themes: Themes) -> None:
    """On any day the classes adjoin from 0 upwards, and one of them starts at 20 minutes."""
    for day in (IDO_2021, IDO_2022 - DAY, IDO_2022, IDO_2024):
        classes = [code.properties for code in themes.codelist("idocore-basis/durations").valid_on(day)]
        bounds = [one["minutes_from"] for one in classes]
        assert [0, *(one.get("minutes_until") for one in classes)] == [*bounds, None]
        assert 20 in bounds


def test_carried_durations_cover_the_same_minutes(themes: Themes) -> None:
    """The newer classes behind an older one start and end where it did."""
    by_code = themes.codelist("idocore-basis/durations").by_code
    bridge = themes.bridge("ido@2021", "ido@2022")
    for old in codes_on(themes, "durations", IDO_2021):
        new = [by_code[became].properties for _, became in bridge.carry("duration", old)]
        assert new[0]["minutes_from"] == by_code[old].properties["minutes_from"]
        assert new[-1].get("minutes_until") == by_code[old].properties.get("minutes_until")


def test_age_is_asked_in_2021_and_2022_only(themes: Themes) -> None:
    """Age groups exist from the first tool until April 2024, with a bound at 65; no other form asks."""
    asked = [theme.version for theme in themes.versions("ido") if "age_group" in theme.by_key]
    assert asked == ["2021", "2022"]
    assert codes_on(themes, "age-groups", IDO_2021 - DAY) == set()
    assert codes_on(themes, "age-groups", IDO_2024) == set()
    for day in (IDO_2021, IDO_2024 - DAY):
        groups = [code.properties for code in themes.codelist("idocore-basis/age-groups").valid_on(day)]
        assert [0, *(one.get("age_until") for one in groups)] == [*(one["age_from"] for one in groups), None]
        assert 65 in [one["age_from"] for one in groups]


def test_telephone_and_online_count_from_2022(themes: Themes) -> None:
    """The first two forms know the desk and the appointment only."""
    assert codes_on(themes, "channels", IDO_2022 - DAY) == {"desk", "appointment"}
    assert codes_on(themes, "channels", IDO_2022) == {"desk", "appointment", "telephone", "online", "outside"}


def test_only_the_topic_must_be_answered(themes: Themes) -> None:
    """An entry takes seconds: no form demands more than a topic, and the older ones not even that."""
    known = themes.themes.values()
    assert {theme.id: [entry.key for entry in theme.fields if entry.required] for theme in known} == {
        "ido@2019": [],
        "ido@2021": [],
        "ido@2022": ["topic"],
        "ido@2024": ["topic"],
        "visits@1": [],
    }


def test_a_digid_question_can_be_entered_today(themes: Themes) -> None:
    """The shortest useful line of the 2024 form: help with DigiD of Logius."""
    theme = themes.get("ido@2024")
    for key, code in (("topic", "digid"), ("provider", "logius"), ("help", "digital-traffic")):
        codelist = themes.codelist(theme.by_key[key].codelist or "")
        assert code in {one.code for one in codelist.valid_on(theme.valid_from)}
