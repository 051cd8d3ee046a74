"""Sheets of any make: a profile proposed, a sheet loaded by it, the faulty cells told and marked."""

import sys
from pathlib import Path
from typing import Any, Final

import click

import idocore
from idocore_cli.lines import reasons
from idocore_cli.setting import Setting, pass_setting, print_json

WORKBOOKS: Final = (".xlsx", ".xlsm", ".xls", ".ods")
_HEADER: Final = 4096


def is_sheet(file: Path, profile: Path | None, format_: str | None) -> bool:
    """Whether FILE is read as a sheet: by a profile, as a workbook, or as a CSV that is not our own flat one."""
    if profile is not None:
        return True
    if format_ is not None:
        return False
    suffix = file.suffix.lower()
    return suffix in WORKBOOKS or (suffix == ".csv" and not _is_flat(file))


def _is_flat(file: Path) -> bool:
    with file.open("rb") as source:
        first = source.read(_HEADER).decode("utf-8-sig", errors="replace").splitlines()[:1]
    return bool(first) and {"service_point", "moment"} <= {one.strip('"') for one in first[0].split(",")}


def load(
    setting: Setting,
    file: Path,
    profile: Path | None,
    source: str,
    overrides: tuple[str, ...],
    errors: Path | None,
    *,
    dry_run: bool,
) -> None:
    """Load a sheet: a sentence for each rejected cell, the sum, why what was skipped; exit 1 when any was rejected."""
    with setting.progress("import") as progress:
        report = setting.register.sheets.load(
            file,
            profile=profile,
            source=source,
            overrides=reasons(overrides),
            dry_run=dry_run,
            errors=errors,
            language=setting.language,
            progress=progress,
            each=lambda outcome: _tell(setting, outcome),
        )
    setting.messages.print(report.message(setting.language), markup=False)
    for code, count in sorted(report.skipped_for.items()):
        setting.messages.print(f"  {count}: {idocore.Finding(code).message(setting.language)} [{code}]", markup=False)
    for sheet in report.not_read:
        left_out = idocore.Finding("sheet-not-read", parameters={"sheet": sheet})
        setting.messages.print(left_out.message(setting.language), markup=False)
    if report.rejected:
        _tell_where(setting, errors)
        sys.exit(1)


def _tell(setting: Setting, outcome: idocore.Outcome) -> None:
    """What is wrong with an item: a line of JSON on stdout for each finding, and a sentence on stderr."""
    origin = outcome.line.origin
    if not outcome.is_rejected or origin is None:
        return
    for finding in outcome.findings:
        cell = origin.cell(finding.path)
        sentence = finding.message(setting.language)
        place: dict[str, Any] = {"sheet": origin.sheet, "cell": cell, "path": finding.path}
        print_json({**place, "code": finding.code, "severity": finding.severity.value, "message": sentence})
        setting.messages.print(f"{origin.sheet}!{cell}: {sentence} [{finding.code}]", markup=False)


def _tell_where(setting: Setting, errors: Path | None) -> None:
    if errors is not None:
        setting.say(f"De foute cellen staan gemerkt in {errors}.", f"The faulty cells are marked in {errors}.")
    else:
        setting.say(
            "Met --errors FOUTEN.xlsx krijgt u uw bestand terug met de foute cellen gemerkt.",
            "With --errors FAULTS.xlsx you get your file back with the faulty cells marked.",
        )


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--theme", default="ido", show_default=True, help="What the sheet registers.")
@click.option("--save", type=click.Path(dir_okay=False, path_type=Path), help="Write it there instead of to stdout.")
@pass_setting
def propose(setting: Setting, file: Path, theme: str, save: Path | None) -> None:
    """Propose a mapping profile for the sheet in FILE: what its columns mean, to be corrected by hand."""
    found = setting.register.sheets.propose(file, theme=theme, save=save)
    if save is None:
        click.echo(found, nl=False)
        return
    setting.say(
        f"{save}: kijk na wat een '?' heeft, en dan: ido import {file} --profile {save} --dry-run",
        f"{save}: check what has a '?', and then: ido import {file} --profile {save} --dry-run",
    )
