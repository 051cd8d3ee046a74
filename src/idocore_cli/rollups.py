"""`ido rollups`: by which dimensions counts are kept ready."""

import sys

import click

from idocore_cli.printing import print_rows
from idocore_cli.setting import Setting, pass_setting

THEME = click.option("--theme", default="ido", show_default=True)
_COLUMNS = ("theme", "dimensions")


@click.group(invoke_without_command=True)
@THEME
@click.option("--format", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True)
@click.pass_context
def rollups(context: click.Context, theme: str, format: str) -> None:
    """Show by which dimensions counts are kept ready; declare, refresh or check them."""
    if context.invoked_subcommand is None:
        _print(context.obj, theme, format)


def _print(setting: Setting, theme: str, format: str) -> None:
    sets = setting.present.rollups.declared(theme)
    print_rows([{"theme": theme, "dimensions": ",".join(names)} for names in sets], _COLUMNS, format)


@rollups.command("declare")
@click.argument("sets", nargs=-1, metavar="[DIMENSION[,DIMENSION...]]...")
@THEME
@pass_setting
def declare(setting: Setting, sets: tuple[str, ...], theme: str) -> None:
    """Keep counts by these sets of dimensions and no others, as in: ido rollups declare topic provider,topic."""
    setting.present.rollups.declare((one.split(",") for one in sets), theme)
    _print(setting, theme, "text")


@rollups.command("refresh")
@pass_setting
def refresh(setting: Setting) -> None:
    """Count what was written since the last time, while others go on; worth it after a bulk load."""
    with setting.progress("rollups") as progress:
        count = setting.present.rollups.refresh(progress)
    setting.say(f"{count} maanden of dagen geteld", f"{count} months or days counted")


@rollups.command("check")
@pass_setting
def check(setting: Setting) -> None:
    """Compare what is kept with a recount; exit 1 with each thing that differs."""
    found = list(setting.present.rollups.check())
    for finding in found:
        setting.tell(finding)
    if found:
        sys.exit(1)
    setting.say("De tellingen die klaarliggen kloppen.", "The counts that are kept agree.")


COMMANDS = (rollups,)
