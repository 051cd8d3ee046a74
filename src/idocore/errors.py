"""Everything that idocore raises on purpose.

Each error has a stable `code` for programs and a sentence, in Dutch and English, that says what to do next.
Where a built-in exception means the same, ours is also that one, so that ``except LookupError`` works.
"""

from typing import TYPE_CHECKING, Any

from idocore.findings import Finding
from idocore.messages import Language, sentence

if TYPE_CHECKING:
    from idocore.journal import Revision

_NAMED = 8


class IdocoreError(Exception):
    """The root of all errors of idocore.

    `code` is stable; `parameters` fill the sentence; ``str(error)`` is the English sentence.
    """

    def __init__(self, code: str, **parameters: Any) -> None:
        self.code = code
        self.parameters = parameters
        super().__init__(sentence(code, "en", parameters))

    def message(self, language: Language = "en") -> str:
        """The error as one sentence in `language`."""
        return sentence(self.code, language, self.parameters)


class RejectedError(IdocoreError):
    """A record was not stored, because of `findings` (all of them, not only the first)."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        super().__init__("rejected", count=len(findings), findings="; ".join(str(found) for found in findings))

    def message(self, language: Language = "en") -> str:
        listed = "; ".join(f"{found.path or '-'}: {found.message(language)}" for found in self.findings)
        return sentence(self.code, language, {"count": len(self.findings), "findings": listed})


class PeriodClosedError(RejectedError):
    """A record was not stored because it falls in a closed period: an override of ``period-closed`` amends it."""


class NotAllowedError(IdocoreError, PermissionError):
    """Whoever acts may not do this here; the sentence says who may."""


class InvalidQueryError(IdocoreError, ValueError):
    """A question to the statistics cannot be answered as asked; the sentence names the nearest that can."""


class ReleaseRefusedError(IdocoreError, ValueError):
    """Nothing was published; `cells` names what stands in the way: cells, releases, or days that are not closed."""

    def __init__(self, code: str, cells: tuple[str, ...], **parameters: Any) -> None:
        self.cells = cells
        some = [*cells[:_NAMED], *(["..."] if len(cells) > _NAMED else [])]
        super().__init__(code, cells=some, count=len(cells), **parameters)


class InvalidValueError(IdocoreError, ValueError):
    """A value that a caller passed has no meaning here (a period that does not exist, a wrong ISIL)."""


class ThemeError(IdocoreError):
    """Theme data contradicts itself; `faults` names every place."""

    def __init__(self, source: str, faults: tuple[str, ...]) -> None:
        self.faults = faults
        super().__init__("theme-invalid", source=source, faults="; ".join(faults))


class StoreError(IdocoreError):
    """A storage backend could not do what was asked; nothing was half written."""


class NotFoundError(StoreError, LookupError):
    """What was asked for is not there."""


class ConflictError(StoreError):
    """Somebody else was first; `stored` is what the store holds."""

    def __init__(self, code: str, stored: "Revision | None" = None, **parameters: Any) -> None:
        self.stored = stored
        super().__init__(code, **parameters)


class CapabilityError(StoreError, NotImplementedError):
    """The store does not declare what was asked of it."""


class ClosingsChangedError(StoreError):
    """A period was closed or opened since the caller judged; judge again."""


class StoreUnavailableError(StoreError):
    """The store cannot be reached or opened."""


class ExchangeError(IdocoreError):
    """A file cannot be read as what it claims to be; says where, as far as that is known."""

    def __init__(
        self,
        code: str,
        *,
        sheet: str | None = None,
        row: int | None = None,
        column: str | None = None,
        **more: Any,
    ) -> None:
        self.sheet, self.row, self.column = sheet, row, column
        super().__init__(code, sheet=sheet, row=row, column=column, **more)


class SnapshotError(IdocoreError):
    """A snapshot cannot be made or used as asked: it was altered, is not there, or its period is not closed."""


class PluginError(IdocoreError):
    """A plugin could not be used."""


class PluginNotFoundError(PluginError, LookupError):
    """No installed distribution offers the plugin that was named."""


class PluginDependencyError(PluginError, ImportError):
    """A plugin is there, but what it needs is not installed; `install` is the command that mends it."""

    def __init__(self, code: str, *, install: str, **parameters: Any) -> None:
        self.install = install
        super().__init__(code, install=install, **parameters)


class PluginLoadError(PluginError):
    """A plugin failed while it was loaded."""
