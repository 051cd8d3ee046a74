"""`ido periods`: what is closed, closing and opening again."""

import click

import idocore
from idocore_cli.changing import REASON
from idocore_cli.printing import print_rows
from idocore_cli.setting import Setting, pass_setting

AT = click.option("--at", metavar="SCOPE", help="organisation/noord, province/PV26, nation (default: your own scope).")
FORMAT = click.option("--format", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True)
_COLUMNS = ("period", "level", "code")
_AMENDMENTS = (
    "id",
    "revision",
    "day_before",
    "day",
    "service_point",
    "status",
    "actor",
    "recorded_at",
    "reason",
)
_HISTORY = (*_COLUMNS, "is_closed", "actor", "recorded_at", "reason")


@click.group(invoke_without_command=True)
@FORMAT
@click.pass_context
def periods(context: click.Context, format: str) -> None:
    """Show the closed periods, or close and reopen one."""
    if context.invoked_subcommand is None:
        found = [{name: getattr(one, name) for name in _COLUMNS} for one in context.obj.register.periods.closed]
        print_rows(found, _COLUMNS, format)
        if not found:
            context.obj.say("Er is niets afgesloten.", "Nothing is closed.")


@periods.command("history")
@FORMAT
@pass_setting
def history(setting: Setting, format: str) -> None:
    """Show each closing and reopening: who, when and why."""
    found = [_told(revision) for revision in setting.present.periods.history()]
    print_rows(found, _HISTORY, format)
    if not found:
        setting.say("Er is nog niets afgesloten.", "Nothing has been closed yet.")


@periods.command("amendments")
@click.argument("period", required=False)
@AT
@FORMAT
@pass_setting
def amendments(setting: Setting, period: str | None, at: str | None, format: str) -> None:
    """Show what was changed in closed periods (in PERIOD): registered late, corrected, withdrawn, moved in or out."""
    with setting.progress("amendments") as progress:
        found = list(setting.present.amendments(period, scope=at, progress=progress))
    print_rows(map(_amended, found), _AMENDMENTS, format)
    if not found:
        setting.say("Er is niets aangevuld.", "Nothing was amended.")


def _amended(amendment: idocore.Amendment) -> dict[str, object]:
    before, after = amendment.before, amendment.after
    place = after or before
    return {
        "id": amendment.id,
        "revision": amendment.revision,
        "day_before": before and before.local_date,
        "day": after and after.local_date,
        "service_point": place and place.service_point,
        "status": after and after.status.value,
        "actor": amendment.actor,
        "recorded_at": amendment.recorded_at.isoformat(timespec="seconds"),
        "reason": amendment.reason,
    }


def _told(revision: idocore.Revision) -> dict[str, object]:
    closing = {name: getattr(revision.content, name) for name in (*_COLUMNS, "is_closed")}
    at = revision.recorded_at.isoformat(timespec="seconds")
    return {**closing, "actor": revision.actor, "recorded_at": at, "reason": revision.reason}


@periods.command("close")
@click.argument("period")
@AT
@REASON
@pass_setting
def close(setting: Setting, period: str, at: str | None, reason: str | None) -> None:
    """Close PERIOD: what comes later is an amendment, with a reason."""
    closing = setting.register.periods.close(period, at, reason=reason)
    _say(setting, closing)


@periods.command("reopen")
@click.argument("period")
@AT
@REASON
@pass_setting
def reopen(setting: Setting, period: str, at: str | None, reason: str | None) -> None:
    """Open PERIOD again; that is recorded."""
    closing = setting.register.periods.reopen(period, at, reason=reason)
    _say(setting, closing)


def _say(setting: Setting, closing: idocore.Closing) -> None:
    nl, en = ("afgesloten", "closed") if closing.is_closed else ("weer open", "open again")
    setting.say(f"{closing.period} {nl}: {closing.scope}", f"{closing.period} {en}: {closing.scope}")
