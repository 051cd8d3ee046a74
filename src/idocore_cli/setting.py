"""What every command works with: the register, the language, and where things are printed."""

import json
import locale
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import click
from attrs import define
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

import idocore
from idocore import Language


@define(slots=False)
class Setting:
    """The options before the command."""

    url: str
    language: Language
    actor: str
    role: str | None = None
    scope: str | None = None

    @cached_property
    def register(self) -> idocore.Register:
        """The register, opened when a command first needs it."""
        return self.open(self.url)

    @cached_property
    def present(self) -> idocore.Register:
        """The register, which is there already; raises StoreUnavailableError when there is none, and makes none.

        For what reads or keeps a register: where an address was mistyped, an empty one would look as if all were well.
        """
        self._check_present(self.url)
        return self.register

    @staticmethod
    def is_absent(url: str) -> bool:
        """Whether there is no register at `url`, as far as that can be seen from here: of a file, not of a server."""
        scheme, _, path = url.partition("?")[0].partition(":///")
        return scheme == "sqlite" and bool(path) and not Path(path).is_file()

    def _check_present(self, url: str) -> None:
        if self.is_absent(url):
            raise idocore.StoreUnavailableError("store-absent", url=url)

    def open(self, url: str) -> idocore.Register:
        """The register at `url` for who acts; closed when the command is done."""
        register = idocore.open(url, actor=self.actor)
        click.get_current_context().find_root().call_on_close(register.close)
        return register if self.role is None and self.scope is None else self.bound(register)

    def existing(self, url: str) -> idocore.Register:
        """The register at `url`, for its owner; raises StoreUnavailableError when there is none, and makes none."""
        self._check_present(url)
        return idocore.open(url, actor=self.actor)

    def bound(self, register: idocore.Register) -> idocore.Register:
        """`register` with the role and scope of who acts."""
        return register.acting_as(self.actor, self.role, self.scope)

    def require(self, operation: idocore.Operation) -> None:
        """Raise NotAllowedError unless who acts may do `operation`, where there is no register yet that asks it."""
        with idocore.open("memory:", actor=self.actor) as empty:
            self.bound(empty).actor.require(operation)

    @cached_property
    def messages(self) -> Console:
        """Where people are talked to."""
        return Console(stderr=True, highlight=False, soft_wrap=True)

    def say(self, nl: str, en: str) -> None:
        """A message in the language of the person."""
        self.messages.print(nl if self.language == "nl" else en, markup=False)

    def tell(self, finding: idocore.Finding) -> None:
        """A finding: a line of JSON on stdout, a sentence on stderr."""
        print_json({"code": finding.code, **finding.parameters})
        self.show(finding)

    def show(self, finding: idocore.Finding) -> None:
        """A finding, on stderr."""
        place = f"{finding.path}: " if finding.path else ""
        self.messages.print(f"{place}{finding.message(self.language)} [{finding.code}]", markup=False)

    def hint(self, findings: Iterable[idocore.Finding]) -> None:
        """How to go on in spite of warnings, if there are any among `findings`."""
        if said := _hint(findings, self.language):
            self.messages.print(said, markup=False)

    @contextmanager
    def progress(self, title: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        """A progress bar on a terminal; nothing elsewhere."""
        columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self.messages, transient=True, disable=not sys.stderr.isatty()) as bar:
            task = bar.add_task(title, total=total)
            yield lambda done: bar.advance(task, done)


def _hint(findings: Iterable[idocore.Finding], language: Language) -> str:
    codes = sorted({finding.code for finding in findings if finding.severity is idocore.Severity.WARNING})
    if not codes:
        return ""
    options = " ".join(f"--override {code}={'REDEN' if language == 'nl' else 'REASON'}" for code in codes)
    return f"{'Toch vastleggen' if language == 'nl' else 'To store it all the same'}: {options}"


def default_language() -> Language:
    """Dutch for who works in Dutch, by the environment; else English."""
    return "nl" if (locale.getlocale()[0] or "").lower().startswith(("nl", "dutch")) else "en"


pass_setting = click.make_pass_decorator(Setting)


def print_json(content: Any) -> None:
    """One JSON value on a line of stdout."""
    click.echo(json.dumps(content, ensure_ascii=False, default=str))


class Group(click.Group):
    """Turns our errors into one sentence and an exit status."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except idocore.IdocoreError as error:
            setting = context.obj if isinstance(context.obj, Setting) else None
            language = setting.language if setting else default_language()
            click.echo(f"{error.message(language)} [{error.code}]", err=True)
            if isinstance(error, idocore.RejectedError) and (said := _hint(error.findings, language)):
                click.echo(said, err=True)
            context.exit(2 if isinstance(error, _USAGE) else 1)


_USAGE = (idocore.InvalidQueryError, idocore.InvalidValueError, idocore.PluginNotFoundError)
