"""Registering by questions on a terminal: enter skips, a number or a code answers."""

from collections.abc import Mapping
from typing import Any

import click

import idocore
from idocore import Code, Condition, Field, FieldType, Level, Theme
from idocore_cli.setting import Setting, print_json


def record(setting: Setting) -> None:
    """Ask one visit, store it, and print what was stored; after findings the person decides."""
    register = setting.register
    moment = idocore.now()
    theme = register.themes.at("ido", moment.date())
    if theme is None:
        raise idocore.NotFoundError("unknown-theme", value="ido", known=register.themes.names())
    point = _service_point(setting)
    raw: dict[str, Any] = {"service_point": point, "moment": moment, "channel": "desk", "inquiries": []}
    while not raw["inquiries"] or click.confirm(_text(setting, "Nog een vraag?", "Another inquiry?"), err=True):
        raw["inquiries"].append(_answers(setting, theme, Level.INQUIRY))
    raw["answers"] = _answers(setting, theme, Level.REGISTRATION)
    print_json({"id": str(_store(setting, raw).id), "result": "stored"})


def _text(setting: Setting, nl: str, en: str) -> str:
    return nl if setting.language == "nl" else en


def _service_point(setting: Setting) -> str:
    points = setting.register.places.service_points
    if not points:
        raise idocore.NotFoundError("no-service-point")
    if len(points) == 1:
        return points[0].id
    listed = [Code(point.id, idocore.Label(point.name, point.name)) for point in points]
    question = _text(setting, "IDO-locatie", "Service point")
    while not (chosen := _choose(setting, question, listed)):
        pass
    return chosen


def _answers(setting: Setting, theme: Theme, level: Level) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for entry in theme.of_level(level):
        if not entry.derive_from and _is_asked(entry.when, found):
            answer = _ask(setting, entry)
            while entry.required and not answer:
                answer = _ask(setting, entry)
            if answer not in (None, "", []):
                found[entry.key] = answer
    return found


def _is_asked(condition: Condition | None, answers: Mapping[str, Any]) -> bool:
    if condition is None:
        return True
    given = answers.get(condition.field)
    return any(code in condition.codes for code in (given if isinstance(given, list) else [given]))


def _ask(setting: Setting, entry: Field) -> Any:
    question = entry.label.text(setting.language)
    if entry.codelist:
        codes = setting.register.themes.codelist(entry.codelist).valid_on(idocore.now().date())
        if entry.type is FieldType.CODES:
            return _choose_several(setting, question, list(codes))
        return _choose(setting, question, list(codes))
    if entry.type is FieldType.BOOLEAN:
        answer = click.prompt(f"{question} (j/n)", default="", show_default=False, err=True).strip().lower()
        return {"j": True, "y": True, "n": False}.get(answer[:1])
    answer = click.prompt(question, default="", show_default=False, err=True).strip()
    return int(answer) if entry.type is FieldType.INTEGER and answer.isdigit() else answer


def _choose(setting: Setting, question: str, codes: list[Code]) -> str | None:
    chosen = _choose_several(setting, question, codes)
    return chosen[0] if chosen else None


def _choose_several(setting: Setting, question: str, codes: list[Code]) -> list[str]:
    setting.messages.print(question, style="bold", markup=False)
    for number, one in enumerate(codes, start=1):
        setting.messages.print(f"  {number:>2} {one.label.text(setting.language)}", markup=False)
    while True:
        words = click.prompt(">", default="", show_default=False, prompt_suffix=" ", err=True).replace(",", " ").split()
        chosen = [_chosen(word, codes) for word in words]
        if None not in chosen:
            return [code for code in chosen if code is not None]
        setting.say("Kies een nummer uit de lijst, of enter.", "Choose a number from the list, or enter.")


def _chosen(word: str, codes: list[Code]) -> str | None:
    if word.isdigit() and 1 <= int(word) <= len(codes):
        return codes[int(word) - 1].code
    return word if word in {one.code for one in codes} else None


def _store(setting: Setting, raw: dict[str, Any]) -> idocore.Registration:
    """Store `raw`; a warning asks for a reason, an error for another note or another try."""
    while True:
        try:
            return setting.register.record_raw(raw)
        except idocore.RejectedError as error:
            for finding in error.findings:
                setting.show(finding)
            if not _mend(setting, raw, error.findings):
                raise


def _mend(setting: Setting, raw: dict[str, Any], findings: tuple[idocore.Finding, ...]) -> bool:
    mended = False
    for finding in findings:
        if finding.path == "answers.note":
            note = click.prompt(
                _text(setting, "Andere notitie", "Another note"), default="", show_default=False, err=True
            )
            raw["answers"]["note"] = note
            mended = True
        elif finding.severity is idocore.Severity.WARNING:
            reason = click.prompt(_text(setting, "Reden", "Reason"), default="", show_default=False, err=True)
            raw.setdefault("overrides", {})[finding.code] = reason
            mended = bool(reason.strip())
    return mended
