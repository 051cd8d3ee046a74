"""Bad input: every fault at once, each with its place, a stable code, and two sentences."""

from datetime import datetime
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import idocore
from idocore import messages, privacy
from idocore.errors import ExchangeError
from idocore.periods import LOCAL_ZONE
from idocore.seals import Seal, SealedHead
from idocore.testing.strategies import NOW, PLACES, raw_records

GOOD = {"service_point": "centrale", "moment": "2024-05-06T10:00+02:00", "inquiries": [{"topic": "digid"}]}


@pytest.fixture
def register() -> idocore.Register:
    register = idocore.open("memory:", clock=lambda: NOW)
    register.places.put(*PLACES)
    return register


def codes(register: idocore.Register, **changes: Any) -> list[tuple[str, str]]:
    return [(found.path, found.code) for found in register.check_raw({**GOOD, **changes})]


@given(raw_records())
def test_what_the_strategies_make_passes(raw: dict[str, Any]) -> None:
    """The property tests work on records that every rule accepts."""
    register = idocore.open("memory:", clock=lambda: NOW)
    register.places.put(*PLACES)
    assert register.check_raw(raw) == ()


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"theme": "ido@2020"}, "theme", "unknown-theme"),
        ({"theme": "ido@2022"}, "theme", "theme-not-valid"),
        ({"moment": "2018-01-01"}, "moment", "no-theme-in-use"),
        ({"colour": "red"}, "colour", "unknown-field"),
        ({"answers": {"age_group": "x"}}, "answers.age_group", "unknown-field"),
        ({"inquiries": [{"topic": "digd"}]}, "inquiries[0].topic", "unknown-code"),
        ({"inquiries": [{"topic": 7}]}, "inquiries[0].topic", "wrong-type"),
        ({"inquiries": [{}]}, "inquiries[0].topic", "required"),
        ({"inquiries": []}, "inquiries", "too-few-inquiries"),
        ({"inquiries": "digid"}, "inquiries", "wrong-type"),
        ({"inquiries": [{"topic": "work", "digid_action": "request"}]}, "inquiries[0].digid_action", "not-asked"),
        (
            {"inquiries": [{"topic": "digid", "inquiry_kind": "other"}]},
            "inquiries[0].inquiry_kind",
            "contradicts-derived",
        ),
        ({"inquiries": [{"topic": "digid", "help": "referral"}]}, "inquiries[0].help", "wrong-type"),
        ({"inquiries": [{"topic": "digid", "count": 2}]}, "inquiries[0].count", "visit-counts-one"),
        ({"service_point": "central"}, "service_point", "unknown-service-point"),
        ({"service_point": None}, "service_point", "required"),
        ({"channel": "fax"}, "channel", "unknown-code"),
        ({"moment": "2021-07-01", "channel": "telephone", "inquiries": [{}]}, "channel", "code-not-valid"),
        ({"moment": "2025-01-01"}, "moment", "in-the-future"),
        ({"count": 3}, "count", "visit-counts-one"),
        ({"kind": "group"}, "kind", "unknown-value"),
        ({"status": "lost"}, "status", "unknown-value"),
        ({"id": "7"}, "id", "invalid-id"),
        ({"revision": 0}, "revision", "out-of-range"),
        ({"overrides": {"x": " "}}, "overrides.x", "override-without-reason"),
        ({"answers": {"note": "x" * 3000}}, "answers.note", "text-too-long"),
        ({"moment": "0001-01-01T00:00"}, "moment", "invalid-moment"),
        ({"moment": "0001-01"}, "moment", "invalid-moment"),
        ({"moment": "9999-12-31T23:59"}, "moment", "invalid-moment"),
        ({"moment": "9999-12-31T23:59-11:00"}, "moment", "invalid-moment"),
        ({"moment": "9999-12"}, "moment", "invalid-moment"),
    ],
)
def test_each_fault_has_its_place_and_code(
    register: idocore.Register, changes: dict[str, Any], path: str, code: str
) -> None:
    """One fault gives exactly one finding, and nothing is stored."""
    assert codes(register, **changes) == [(path, code)]
    with pytest.raises(idocore.RejectedError):
        register.record_raw({**GOOD, **changes})
    assert register.table().base == {"registrations": 0}


def test_all_faults_come_at_once(register: idocore.Register) -> None:
    """Five faults, five findings."""
    found = codes(
        register,
        service_point="nergens",
        moment="2024-02-30",
        channel="fax",
        inquiries=[{"topic": "digd"}],
        answers={"note": "mail a@example.org"},
    )
    assert {code for _, code in found} == {
        "unknown-service-point",
        "invalid-moment",
        "unknown-code",
        "personal-data-email",
    }
    assert len(found) == 5


def test_every_code_has_a_dutch_and_an_english_sentence() -> None:
    """No finding and no error speaks only in code, and both sentences take the same parameters."""
    import re

    root = Path(idocore.__file__).parent.parent
    pattern = re.compile(r'(?:Finding|Error|Note|sentence)\(\s*"([a-z][a-z-]+)"')
    used = {code for file in root.rglob("*.py") for code in pattern.findall(file.read_text(encoding="utf-8"))}
    assert used - messages.codes() == set()
    for code in messages.codes():
        nl, en = (set(re.findall(r"{(\w+)}", messages._catalogue()[code][one])) for one in messages.LANGUAGES)
        assert nl == en, code


def test_a_warning_is_overridden_with_a_reason_that_is_kept(register: idocore.Register) -> None:
    """Outside opening hours is a warning: it stops, until somebody says why."""
    register.places.add_service_point("markt", municipality="Utrecht", opening_hours="Mo-Fr 10:00-17:00; PH off")
    raw = {**GOOD, "service_point": "markt", "moment": "2024-05-05T12:00+02:00"}
    with pytest.raises(idocore.RejectedError) as caught:
        register.record_raw(raw)
    assert [(one.code, one.severity) for one in caught.value.findings] == [("outside-opening-hours", "warning")]
    visit = register.record_raw({**raw, "overrides": {"outside-opening-hours": "open dag", "other": "unused"}})
    assert dict(register.history(visit.id)[0].overrides) == {"outside-opening-hours": "open dag"}
    assert register.check_raw({**raw, "moment": "2024-05-05T12:00+02:00", "channel": "appointment"}) == ()


def test_a_visit_before_the_opening_is_a_warning(register: idocore.Register) -> None:
    """Before it opened and after it closed."""
    register.places.add_service_point("markt", municipality="Utrecht", opened=datetime(2024, 6, 1).date())
    found = register.check_raw({**GOOD, "service_point": "markt"})
    assert [(one.code, one.severity) for one in found] == [("service-point-not-open", "warning")]


def test_a_draft_may_be_unfinished(register: idocore.Register) -> None:
    """A draft lacks what it lacks, is stored, and is not counted."""
    register.record_raw({**GOOD, "status": "draft", "inquiries": []})
    assert register.table().base == {"registrations": 0}


PERSONAL = {
    "bsn": ["111222333", "123456782", "1112.22.333", "111 222 333"],
    "iban": ["NL91ABNA0417164300", "nl91 abna 0417 1643 00", "BE68539007547034", "NL91-ABNA-0417-1643-00"],
    "email": ["jan@example.org", "j.de.vries+x@post.example.nl", "JAN@EXAMPLE.ORG", "jan @ example.org"],
    "phone": ["0612345678", "06-12345678", "06 12 34 56 78", "+31 6 12345678", "0031612345678", "(030) 286 10 00"],
}
CLEAN = [
    "wilde DigiD aanvragen voor 2 kinderen",
    "afspraak op 12-05-2024 om 10:30",
    "formulier 2023 en 2024 ingevuld, 3 pagina's",
    "toeslag van 1250 euro per jaar",
    "kwam om 14.15 uur terug met 2 brieven",
    "zie map 7, lade 12",
]


@pytest.mark.parametrize(("kind", "value"), [(kind, one) for kind, listed in PERSONAL.items() for one in listed])
def test_personal_data_are_stopped_and_never_repeated(register: idocore.Register, kind: str, value: str) -> None:
    """Stopped in the middle of a sentence, cannot be overridden, and the value stands in no message."""
    note = f"mevrouw zei: {value} en ging weg"
    raw = {**GOOD, "answers": {"note": note}, "overrides": {f"personal-data-{kind}": "moet"}}
    with pytest.raises(idocore.RejectedError) as caught:
        register.record_raw(raw)
    assert f"personal-data-{kind}" in {one.code for one in caught.value.findings}
    told = str(caught.value) + caught.value.message("nl") + repr(caught.value.findings)
    assert value not in told


@pytest.mark.parametrize("note", CLEAN)
def test_clean_notes_pass(register: idocore.Register, note: str) -> None:
    """Numbers that are no personal data do not hinder the desk."""
    assert list(privacy.kinds(note)) == []
    assert codes(register, answers={"note": note}) == []


ANY_TEXT = st.text(max_size=20) | st.text("a\x00\ud800\udfff", max_size=4)
"""Halves of surrogate pairs as well, which nothing encodes."""
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT
NESTED = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner), max_leaves=4)
KNOWN = st.sampled_from([*GOOD, "id", "theme", "answers", "kind", "count", "overrides"])


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(KNOWN | ANY_TEXT, NESTED, max_size=5))
def test_nothing_that_comes_in_raises(raw: dict[str, Any]) -> None:
    """Whatever a front end sends, the reader answers with findings, which can be printed."""
    register = idocore.open("memory:", clock=lambda: NOW)
    for found in register.check_raw(raw):
        assert found.message("nl").encode()
        assert found.message("en").encode()
        assert f"{found} {found.parameters}".encode()


UNREADABLE = st.sampled_from(["\x00", "\ud800", "\udfff"])
READABLE = st.text(max_size=5)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=READABLE, bad=UNREADABLE, after=READABLE)
def test_text_that_cannot_be_stored_is_a_finding(register: idocore.Register, before: str, bad: str, after: str) -> None:
    """Wherever in a record it stands, and whatever stands around it: the place is named, the text is not repeated."""
    text = f"{before}{bad}{after}"
    shown = text.translate(dict.fromkeys([0, *range(0xD800, 0xE000)], "\ufffd"))
    assert codes(register, answers={"note": text}) == [("answers.note", "text-unreadable")]
    assert codes(register, service_point=text) == [("service_point", "text-unreadable")]
    assert codes(register, overrides={"x": text}) == [("overrides.x", "text-unreadable")]
    assert codes(register, overrides={text: "open dag"}) == [(f"overrides.{shown}", "text-unreadable")]
    (found,) = register.check_raw({**GOOD, "answers": {"note": text}})
    assert dict(found.parameters) == {}


@pytest.mark.parametrize("bad", ["a\x00b", "a\ud800"])
def test_a_reason_that_cannot_be_stored_is_a_finding(register: idocore.Register, bad: str) -> None:
    """The reason of a correction, a withdrawal or an override: nothing is stored."""
    visit = register.record_raw(GOOD)
    register.periods.close("2024-05", at="service_point/centrale")
    for change in (register.correct, register.withdraw):
        for given_ in ({"reason": bad}, {"overrides": {"period-closed": bad}}):
            with pytest.raises(idocore.RejectedError) as caught:
                change(visit, **{"overrides": {"period-closed": "navraag"}, **given_})  # type: ignore[arg-type]
            assert "text-unreadable" in {one.code for one in caught.value.findings}
    assert len(register.history(visit.id)) == 1


@pytest.mark.parametrize("length", [2001, 400_000])
def test_a_long_reason_is_a_finding(register: idocore.Register, length: int) -> None:
    """A reason is as short as a note, wherever it is given, and found too long at once."""
    visit, long = register.record_raw(GOOD), "x" * length
    register.periods.close("2024-05", at="service_point/centrale")
    amending = {"period-closed": long}
    for attempt in (
        lambda: register.correct(visit, channel="telephone", reason=long, overrides={"period-closed": "navraag"}),
        lambda: register.correct(visit, channel="telephone", overrides=amending),
        lambda: register.withdraw(visit, overrides=amending),
        lambda: register.record_raw({**GOOD, "overrides": amending}),
        lambda: register.periods.close("2024-04", reason=long),
        lambda: register.places.move("centrale", "2024-05-10", variant="basic", overrides=amending),
        lambda: register.retention.erase(visit.id, reason=long),
    ):
        with pytest.raises(idocore.RejectedError) as caught:
            attempt()
        assert "text-too-long" in {one.code for one in caught.value.findings}
    (outcome,) = register.load([idocore.Line(1, GOOD)], overrides=amending)
    assert "text-too-long" in {one.code for one in outcome.findings}
    assert len(register.history(visit.id)) == 1
    register.withdraw(visit, reason="x" * 2000, overrides={"period-closed": "x" * 2000})


def test_a_wrong_argument_is_our_own_error(register: idocore.Register) -> None:
    """What has no meaning is told as such, on every store alike; an override of nothing is no reason."""
    visit = register.record_raw(GOOD)
    with pytest.raises(idocore.RejectedError) as caught:
        register.correct(visit, answers="x")
    assert [(one.path, one.code) for one in caught.value.findings] == codes(register, answers="x")
    assert register.find(statuses=["final"]).registrations == (visit,)  # by name as well
    for asked in ({"statuses": ["lost"]}, {"statuses": [None]}, {"limit": -1}):
        with pytest.raises(idocore.InvalidValueError):
            register.find(**asked)  # type: ignore[arg-type]
    with pytest.raises(idocore.NotFoundError) as missing:
        register.places.confirm("GM1", "GM2")
    assert missing.value.code == "unknown-succession"
    register.periods.close("2024-05", at="service_point/centrale")
    for change in (register.correct, register.withdraw, register.restore):
        with pytest.raises(idocore.IdocoreError):
            change(visit, overrides={"period-closed": None})  # type: ignore[dict-item]
    with pytest.raises(idocore.PeriodClosedError):
        register.withdraw(visit, overrides={"period-closed": None})  # type: ignore[dict-item]


@pytest.mark.parametrize("stream", ["x", "", "00000000-0000-7000-8000-00000000000g"])
def test_a_seal_of_no_stream_is_no_seal(stream: str) -> None:
    """It is told where it is read, though its hash is right."""
    sealed = Seal(NOW, (SealedHead(stream, 1, "a" * 64),))
    with pytest.raises(ExchangeError) as caught:
        Seal.from_json(sealed.to_json())
    assert caught.value.code == "seal-unreadable"


def test_a_line_that_cannot_be_stored_stops_no_other(register: idocore.Register) -> None:
    """A load goes on with the good lines, and every outcome can be printed."""
    bad = ['"answers": {"note": "a\\ud800"}', '"id": "\\ud800"', '"a\\ud800": 1', '"moment": "0001-01-01T00:00"']
    start = '{"service_point": "centrale", "inquiries": [{"topic": "digid"}]'
    good = f'{start}, "moment": "2024-05-06T10:00"}}'
    lines = [good, *(f"{start}, {one}}}" for one in bad), good]
    outcomes = list(register.load(idocore.read_jsonl(lines)))
    assert [one.result.value for one in outcomes] == ["stored", *["rejected"] * len(bad), "stored"]
    assert all(f"{found}{found.message('nl')}".encode() for one in outcomes for found in one.findings)


def test_a_number_that_cannot_be_stored_is_a_finding(register: idocore.Register, tmp_path: Path) -> None:
    """An answer that is a number keeps within what every store takes."""
    path = tmp_path / "leeftijd.toml"
    path.write_text(
        '[[theme]]\nname = "leeftijd"\nversion = "1"\nlabel = { nl = "Leeftijd", en = "Age" }\n'
        "valid_from = 2024-01-01\nmin_inquiries = 0\n"
        'fields = [{ key = "age", label = { nl = "Oud", en = "Age" }, type = "integer", level = "registration" }]\n'
    )
    register.install_theme(path)
    about: dict[str, Any] = {"theme": "leeftijd", "inquiries": []}
    for number in (2**31, -(2**70)):
        assert codes(register, **about, answers={"age": number}) == [("answers.age", "out-of-range")]
    assert codes(register, **about, answers={"age": 2**31 - 1}) == []


def test_an_error_can_be_printed(register: idocore.Register) -> None:
    """What a caller passed does not stand in the way of the sentence about it."""
    with pytest.raises(idocore.IdocoreError) as caught:
        register.get("a\ud800")
    assert f"{caught.value}{caught.value.message('nl')}".encode()


@pytest.mark.parametrize("bad", ["a\x00b", "a\ud800"])
def test_what_cannot_be_stored_is_refused_wherever_it_is_given(register: idocore.Register, bad: str) -> None:
    """As a place, a name, an actor or a question: an error of ours, and the register goes on."""
    for asked in (
        lambda: register.places.add_organisation(bad),
        lambda: register.places.add_organisation("x", bad),
        lambda: register.places.add_service_point(bad, municipality="Utrecht", organisation="noord"),
        lambda: register.places.put(attrs.evolve(register.places.service_point("centrale"), name=bad)),
        lambda: register.acting_as(bad),
        lambda: register.acting_as(bad, "worker", "service_point/centrale"),
        lambda: register.find(point=bad),
        lambda: register.find(theme=bad),
    ):
        with pytest.raises(idocore.InvalidValueError) as caught:
            asked()
        assert caught.value.code == "text-unreadable"
    assert register.record_raw(GOOD).count == 1


def test_a_moment_in_local_time_is_understood(register: idocore.Register) -> None:
    """A datetime without an offset is local time."""
    visit = register.record("centrale", moment=datetime(2024, 5, 6, 10), inquiries=[{"topic": "digid"}])
    assert visit.moment == datetime(2024, 5, 6, 10, tzinfo=LOCAL_ZONE)
