"""Commands that look at one registration and change it."""

import json
from typing import Any
from uuid import UUID

import click

import idocore
from idocore_cli.lines import reasons
from idocore_cli.setting import Setting, pass_setting, print_json

REASON = click.option("--reason", help="Why; kept in its history.")
OVERRIDE = click.option(
    "--override", "overrides", multiple=True, metavar="CODE=REASON", help="Why a warning does not count."
)

SET = click.option(
    "--set",
    "changes",
    multiple=True,
    required=True,
    metavar="KEY=VALUE",
    help="channel=telephone, answers.note=... or inquiries='[...]'; VALUE is JSON or text.",
)


@click.command()
@click.argument("registration")
@pass_setting
def show(setting: Setting, registration: str) -> None:
    """Show a registration with all its revisions, one JSON object a line."""
    found = setting.present.history(registration)
    if not found:
        raise idocore.NotFoundError("unknown-registration", id=registration, revision=None)
    for revision in found:
        about = {
            "actor": revision.actor,
            "recorded_at": revision.recorded_at,
            "reason": revision.reason,
            "amendment": revision.is_amendment,
        }
        print_json({**idocore.to_raw(revision), **about})


@click.command()
@click.argument("registration")
@SET
@REASON
@OVERRIDE
@pass_setting
def correct(
    setting: Setting, registration: str, changes: tuple[str, ...], reason: str | None, overrides: tuple[str, ...]
) -> None:
    """Correct a registration; its history stays."""
    visit = setting.present.get(registration)
    changed = setting.present.correct(visit, reason=reason, overrides=reasons(overrides), **_changes(changes))
    _tell(changed)


_OPTIONS = {"reason": "--reason", "overrides": "--override"}
"""What is no field of a registration, though a correction has it."""


def _changes(pairs: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    answers: dict[str, Any] = {}
    for pair in pairs:
        key, separator, value = pair.partition("=")
        if not separator:
            raise click.BadParameter(f"{pair}: write KEY=VALUE", param_hint="--set")
        if key.startswith("answers."):
            answers[key.removeprefix("answers.")] = _value(value)
        else:
            _check_key(key)
            found[key] = _value(value)
    if answers:
        found["answers"] = _together(found.get("answers", {}), answers)
    return found


def _check_key(key: str) -> None:
    """What the correction itself takes under that name is no field, and would be taken for it."""
    if key in _OPTIONS:
        raise click.BadParameter(f"{key}: write {_OPTIONS[key]}", param_hint="--set")
    if key in ("self", "visit"):
        raise click.BadParameter(f"{key}: there is no such field", param_hint="--set")


def _together(answers: Any, single: dict[str, Any]) -> dict[str, Any]:
    """All answers, and those that were set one by one; in whatever order they stood."""
    if not isinstance(answers, dict):
        raise click.BadParameter(
            "answers: write answers.KEY=VALUE, or all of them as a JSON object", param_hint="--set"
        )
    return {**answers, **single}


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        if text.startswith(("[", "{")):
            raise click.BadParameter(f"{text}: no JSON: {error}", param_hint="--set") from None
        return text


@click.command()
@click.argument("registration")
@REASON
@OVERRIDE
@pass_setting
def withdraw(setting: Setting, registration: str, reason: str | None, overrides: tuple[str, ...]) -> None:
    """Take a registration out of every count; its history stays. This is the undo of record."""
    visit = setting.present.get(registration)
    _tell(setting.present.withdraw(visit, reason=reason, overrides=reasons(overrides)))


@click.command()
@click.argument("registration")
@REASON
@OVERRIDE
@pass_setting
def restore(setting: Setting, registration: str, reason: str | None, overrides: tuple[str, ...]) -> None:
    """Take a withdrawn registration in again. This is the undo of withdraw."""
    visit = setting.present.get(registration)
    _tell(setting.present.restore(visit, reason=reason, overrides=reasons(overrides)))


@click.command()
@click.argument("registration", type=click.UUID)
@REASON
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_setting
def erase(setting: Setting, registration: UUID, reason: str | None, yes: bool) -> None:
    """Erase a registration's free text, and who wrote it, for good. Coded answers and totals stay."""
    if not yes:
        click.confirm(f"{registration}: erase its free text and who wrote it for good?", abort=True, err=True)
    _tell(setting.present.retention.erase(registration, reason=reason))


def _tell(visit: idocore.Registration) -> None:
    print_json({"id": str(visit.id), "revision": visit.revision, "status": visit.status.value})


COMMANDS = (show, correct, withdraw, restore, erase)
