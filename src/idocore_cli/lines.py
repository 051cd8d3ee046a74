"""Many records: an answer for each, a summary, and the rejected ones handed back."""

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import IO

import click

import idocore
from idocore_cli.setting import Setting, print_json


def load(
    setting: Setting,
    found: Iterable[idocore.Line],
    overrides: tuple[str, ...],
    rejected: IO[str] | None,
    *,
    dry_run: bool,
    each: bool,
) -> None:
    """Load records: with `each` one result line for every record, else only for those that were rejected."""
    counts: Counter[str] = Counter()
    nameless, found_by_code = 0, dict[str, idocore.Finding]()
    with setting.progress("import") as progress:
        outcomes = setting.register.load(
            found, overrides=reasons(overrides), dry_run=dry_run, bulk=not each, progress=progress
        )
        for outcome in outcomes:
            counts[outcome.result.value] += 1
            nameless += outcome.line.raw is not None and not outcome.is_rejected and not outcome.line.raw.get("id")
            if outcome.is_rejected:
                found_by_code |= {finding.code: finding for finding in outcome.findings}
            _report(setting, outcome, rejected, each=each)
    summary = ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "0"
    setting.say(f"Gelezen: {counts.total()} ({summary})", f"Read: {counts.total()} ({summary})")
    if nameless and not each:
        setting.say(
            f"{nameless} zonder id: wie dit nog eens inleest, telt ze nog eens.",
            f"{nameless} without an id: to import this again counts them again.",
        )
    setting.hint(found_by_code.values())
    if counts[idocore.Result.REJECTED.value]:
        sys.exit(1)


def _report(setting: Setting, outcome: idocore.Outcome, rejected: IO[str] | None, *, each: bool) -> None:
    refused = outcome.result is idocore.Result.REJECTED
    if each or refused:
        findings = [
            {
                "path": finding.path,
                "code": finding.code,
                "severity": finding.severity.value,
                "message": finding.message(setting.language),
            }
            for finding in outcome.findings
        ]
        line = {"line": outcome.line.number, "id": outcome.id, "result": outcome.result.value, "findings": findings}
        print_json(line)
    if refused:
        for finding in outcome.findings:
            place = f"{outcome.line.number}: {finding.path}".rstrip(": ")
            setting.messages.print(f"{place}: {finding.message(setting.language)} [{finding.code}]", markup=False)
        if rejected is not None:
            rejected.write((outcome.line.text or "").rstrip("\n") + "\n")


def check_apart(source: str | Path, *targets: str | Path | None) -> None:
    """Raise InvalidValueError when a target is the file that is read, by whatever name: writing would empty it."""
    for target in targets:
        if target is None or "-" in (str(source), str(target)):
            continue
        read, written = Path(source), Path(target)
        if read.resolve() == written.resolve() or (written.exists() and read.exists() and read.samefile(written)):
            raise idocore.InvalidValueError("target-is-source", value=str(target))


def reasons(pairs: Iterable[str]) -> dict[str, str]:
    """The reasons for overrides, from ``CODE=REASON``."""
    found = {}
    for pair in pairs:
        code, separator, reason = pair.partition("=")
        if not separator or not reason.strip():
            raise click.BadParameter(f"{pair}: write CODE=REASON", param_hint="--override")
        found[code] = reason.strip()
    return found
