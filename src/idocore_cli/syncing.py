"""`ido sync` and `ido held`."""

import sys
from collections.abc import Iterable

import click

import idocore
from idocore_cli.setting import Setting, pass_setting, print_json


@click.command()
@click.argument("source")
@click.argument("target")
@click.option("--one-way", is_flag=True, help="Bring nothing back: no places, code lists, closings or purges.")
@click.option("--dry-run", is_flag=True, help="Only say how much there is to bring.")
@pass_setting
def sync(setting: Setting, source: str, target: str, one_way: bool, dry_run: bool) -> None:
    """Bring what the register at SOURCE has to the one at TARGET, and places and code lists back.

    Harmless to repeat; goes on where it was cut off. --role and --scope say what TARGET accepts. Exit 1 when
    something was held or refused.
    """
    feeding = setting.existing(source)
    # To try makes nothing: where there is no register yet, all there is would go to it.
    is_new = setting.is_absent(target)
    fed = setting.open("memory:" if dry_run and is_new else target)
    if is_new:
        setting.say(f"{target} is er nog niet: een nieuw register.", f"{target} is not there yet: a new register.")
    with feeding:
        total = idocore.pending(feeding, fed)
        if dry_run:
            print_json({"pending": total})
            return
        with setting.progress("sync", total) as progress:
            report = idocore.sync(feeding, fed, both_ways=not one_way, progress=progress)
    print_json({"up": _counts(report.up), "down": _counts(report.down), "held": len(report.held) + report.hidden})
    for finding in (*report.up.refused, *report.down.refused):
        setting.show(finding)
    _show_held(setting, report.held)
    if report.hidden:
        setting.say(f"{report.hidden} buiten uw bereik vastgehouden", f"{report.hidden} held outside your scope")
    if not report.is_clean:
        sys.exit(1)


def _counts(transfer: idocore.Transfer) -> dict[str, int]:
    return {standing.value: transfer.counts.get(standing, 0) for standing in idocore.Standing}


def _show_held(setting: Setting, held: Iterable[idocore.Arrival], most: int = 10) -> None:
    for number, one in enumerate(held):
        if number == most:
            setting.say("... meer met `ido held`", "... more with `ido held`")
            return
        if one.held is not None:
            setting.show(one.held)


@click.command()
@click.option("--all", "with_settled", is_flag=True, help="Also what was put aside when a conflict was settled.")
@pass_setting
def held(setting: Setting, with_settled: bool) -> None:
    """Show what came by sync and has no effect yet, a JSON object each; exit 1 when there is any.

    Each has why it is held, who made it and when (`by`, `recorded_at`), and what it says (`content`, without notes).
    """
    found = False
    for one in setting.present.held(settled=with_settled):
        print_json(_described(setting, one))
        found = True
    if found:
        sys.exit(1)
    setting.say("Er wordt niets vastgehouden.", "Nothing is held.")


def _described(setting: Setting, arrival: idocore.Arrival) -> dict[str, object]:
    revision, why = arrival.entry.revision, arrival.held
    return {
        "kind": revision.kind,
        "subject": revision.subject,
        "revision": revision.number,
        **({"code": why.code, **why.parameters} if why else {}),
        "message": why.message(setting.language) if why else None,
        "by": revision.actor,
        "recorded_at": revision.recorded_at.isoformat(),
        "content": revision.coded(),
    }


COMMANDS = (sync, held)
