"""Commands that keep a register well: verify, seal, rebuild, backup, purge."""

import json
import sys
from pathlib import Path
from typing import Any

import click

import idocore
from idocore_cli.setting import Setting, pass_setting, print_json

SEAL = click.option("--seal", type=click.File("r", encoding="utf-8"), help="A seal made earlier with `ido seal`.")
NEW_FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@click.command()
@SEAL
@pass_setting
def verify(setting: Setting, seal: Any) -> None:
    """Show whether facts, journal and seal agree; exit 1 with each thing that does not."""
    sealed = _read_seal(seal)
    found = False
    for finding in setting.present.verify(sealed):
        setting.tell(finding)
        found = True
    if found:
        sys.exit(1)
    setting.say("Feiten en journaal kloppen met elkaar.", "Facts and journal agree.")
    if sealed is not None:
        at = f"{sealed.sealed_at:%Y-%m-%d %H:%M}"
        setting.say(f"Wat op {at} werd verzegeld, is er.", f"What was sealed at {at} is there.")


def _read_seal(file: Any) -> idocore.Seal | None:
    if file is None:
        return None
    try:
        return idocore.Seal.from_json(json.load(file))
    except ValueError as error:
        raise idocore.ExchangeError("seal-unreadable", reason="JSON") from error


@click.command()
@pass_setting
def seal(setting: Setting) -> None:
    """Print the seal over the journal as it is now; keep it elsewhere: it shows a tail that was cut."""
    print_json(setting.present.seal().to_json())


@click.command()
@pass_setting
def rebuild(setting: Setting) -> None:
    """Make the facts anew from the journal, while others go on reading."""
    with setting.progress("rebuild") as progress:
        count = setting.present.rebuild(progress)
    setting.say(f"{count} registraties opnieuw opgebouwd", f"{count} registrations rebuilt")


@click.command()
@NEW_FILE
@pass_setting
def backup(setting: Setting, file: Path) -> None:
    """Copy the register to a new FILE while others go on; prints the seal of what is in it."""
    with setting.progress("backup") as progress:
        sealed = setting.present.backup(file, progress=progress)
    print_json(sealed.to_json())
    setting.say(f"Back-up in {file}; bewaar het zegel erbij.", f"Backup in {file}; keep its seal with it.")


@click.command("restore-backup")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@SEAL
@pass_setting
def restore_backup(setting: Setting, file: Path, seal: Any) -> None:
    """Put the backup FILE into the empty --store, and check it. For the owner."""
    setting.require(idocore.Operation.KEEP)
    sealed = _read_seal(seal)
    with idocore.restore_backup(file, setting.url, seal=sealed, actor=setting.actor) as register:
        faults = 0
        for finding in register.verify():
            setting.tell(finding)
            faults += 1
    if faults:
        sys.exit(1)
    setting.say(f"{file} teruggezet op {setting.url}", f"{file} restored to {setting.url}")


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say how many.")
@pass_setting
def purge(setting: Setting, dry_run: bool) -> None:
    """Take away the free notes whose term is over, for good. Coded answers and totals stay."""
    with setting.progress("purge") as progress:
        count = setting.present.retention.purge(dry_run=dry_run, progress=progress)
    nl, en = ("zou gaan van", "would go from") if dry_run else ("weg bij", "gone from")
    setting.say(f"Vrije tekst {nl} {count} registratie(s)", f"Free text {en} {count} registration(s)")


COMMANDS = (verify, seal, rebuild, backup, restore_backup, purge)
