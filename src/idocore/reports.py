"""What is handed over: which records, for whom, and where to."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, TYPE_CHECKING, Any, TypeVar

from attrs import field, frozen

from idocore.errors import ExchangeError, NotAllowedError
from idocore.journal import Revision
from idocore.messages import Language
from idocore.periods import Period, now
from idocore.registrations import Status
from idocore.scopes import EVERYWHERE, Scope
from idocore.store import Progress, unseen

if TYPE_CHECKING:
    from idocore.register import Register


@frozen
class ExportRequest:
    """What an exporter is asked for: the final registrations of `theme` in `period` (None: all), at a place.

    The place is `scope`; `point` is short for the scope of one service point. `publish` asks for what everybody may
    see: no records, no small counts. `made_at` is when it was asked.
    """

    register: "Register"
    period: Period | None = None
    point: str | None = None
    theme: str = "ido"
    language: Language = "nl"
    with_texts: bool = False
    progress: Progress = unseen
    scope: Scope | None = None
    publish: bool = False
    made_at: datetime = field(factory=now)

    @property
    def place(self) -> Scope:
        """The place that is asked about, with everything that lies within it."""
        return self.scope or (EVERYWHERE if self.point is None else Scope("service_point", self.point))

    def revisions(self) -> Iterator[Revision]:
        """The revisions to hand over, by local date and id."""
        found = self.register.revisions(
            period=self.period, scope=self.place, theme=self.theme, statuses=(Status.FINAL,)
        )
        for revision in found:
            yield revision
            self.progress(1)

    def write(self, exporter: "Exporter", target: str | Path | IO[Any]) -> int:
        """Let `exporter` write to `target`; a file appears whole or not at all. How many records it wrote."""
        if not isinstance(target, str | Path):
            return exporter(self, target)
        return written(target, lambda file: exporter(self, file), binary=getattr(exporter, "binary", False))


Done = TypeVar("Done")


def written(path: str | Path, write: Callable[[IO[Any]], Done], *, binary: bool = False) -> Done:
    """What `write` gives for a new file, which appears at `path` whole or not at all; raises ExchangeError."""
    path = Path(path)
    mode: dict[str, Any] = {"mode": "wb"} if binary else {"mode": "w", "encoding": "utf-8", "newline": ""}
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False, **mode) as file:
            unfinished = Path(file.name)
            try:
                done = write(file)
            except BaseException:
                unfinished.unlink()
                raise
        unfinished.chmod(0o644)
        unfinished.replace(path)
    except NotAllowedError:
        raise  # a PermissionError, but not of the file
    except OSError as error:
        raise ExchangeError("file-unwritable", path=str(path), reason=error.strerror or str(error)) from error
    return done


Exporter = Callable[[ExportRequest, IO[Any]], int]
"""Writes what is asked for to an open file and says how many records that were.

Text, unless the function has an attribute ``binary`` that is true.
"""
