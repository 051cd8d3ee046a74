"""`ido snapshot`: freeze closed periods, list what is frozen, check it."""

import sys
from pathlib import Path
from typing import IO

import click

import idocore
from idocore_cli.printing import print_rows, print_table
from idocore_cli.setting import Setting, pass_setting, print_json

FOLDER = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default="snapshots",
    show_default=True,
    envvar="IDOCORE_SNAPSHOTS",
    help="Where snapshots are kept.",
)
FORMAT = click.option("--format", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True)
SNAPSHOTS = click.option(
    "--snapshots",
    "snapshots_in",
    type=click.Path(file_okay=False, path_type=Path),
    help="Count closed periods as they were frozen in this folder, the other days live.",
)
CITE = click.option(
    "--cite", type=click.File("w", encoding="utf-8"), help="Where what it takes to compute it again goes."
)
_COLUMNS = ("id", "scope", "period", "registrations", "tallies", "rows", "made_at", "hash")


@click.group()
def snapshot() -> None:
    """Freeze closed periods as files that stay as they are, and count them with the open period as one."""


@snapshot.command()
@click.argument("periods", nargs=-1, required=True, metavar="PERIOD...")
@FOLDER
@click.option("--theme", default="ido", show_default=True, help="What was registered.")
@click.option("--dry-run", is_flag=True, help="Only say whether it could be.")
@pass_setting
def freeze(setting: Setting, periods: tuple[str, ...], folder: Path, theme: str, dry_run: bool) -> None:
    """Freeze each PERIOD, which must be closed; prints its manifest. What did not change is not frozen twice."""
    book = setting.present.snapshots(folder)
    for period in periods:
        with setting.progress(period) as progress:
            made = book.freeze(period, theme=theme, dry_run=dry_run, progress=progress)
        if made is None:
            setting.say(f"{period} is af te sluiten als momentopname", f"{period} can be frozen")
        else:
            print_json(made.to_json())
            setting.say(f"{period} bevroren: {folder / made.id}", f"{period} frozen: {folder / made.id}")


@snapshot.command("list")
@FOLDER
@FORMAT
@pass_setting
def list_(setting: Setting, folder: Path, format: str) -> None:
    """Show every snapshot, earlier versions too."""
    found = _book(setting, folder).all
    print_rows([{name: getattr(one, name) for name in _COLUMNS} for one in found], _COLUMNS, format)
    if not found:
        setting.say("Er is niets bevroren.", "Nothing is frozen.")


@snapshot.command()
@FOLDER
@pass_setting
def check(setting: Setting, folder: Path) -> None:
    """Read every file through; exit 1 with each that is gone or not as it was frozen."""
    faults = 0
    for finding in _book(setting, folder).check():
        setting.tell(finding)
        faults += 1
    if faults:
        sys.exit(1)
    setting.say("Alle momentopnamen zijn zoals ze bevroren zijn.", "All snapshots are as they were frozen.")


@snapshot.command()
@click.argument("citation", type=click.File("r", encoding="utf-8"))
@FOLDER
@FORMAT
@pass_setting
def recompute(setting: Setting, citation: IO[str], folder: Path, format: str) -> None:
    """Compute the table again that CITATION (made with `ido table --cite`) is of, from the snapshots alone."""
    cited = idocore.Citation.parse(citation.read())
    table = _book(setting, folder, at=cited.scope).recompute(cited)
    print_table(table, format, setting.language)


def _book(setting: Setting, folder: Path, at: str = "nation") -> idocore.SnapshotBook:
    """The snapshots in `folder`, which need no register; with --role or --scope they are those of the register."""
    if setting.role is None and setting.scope is None:
        return idocore.open_snapshots(folder, at=at)
    return setting.present.snapshots(folder)


def counted(setting: Setting, query: idocore.Query, folder: Path | None, cite: IO[str] | None) -> idocore.Table:
    """The table for `query`: live, or with `folder` frozen and open days as one; its citation goes to `cite`."""
    if folder is None and cite is None:
        return setting.present.answer(query)
    table = setting.present.snapshots(folder or Path("snapshots")).answer(query)
    if cite is not None:
        cite.write(f"{table.citation}\n")
    return table
