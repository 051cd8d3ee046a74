"""The sheets that are ours in a workbook of somebody else, by their names; none of them holds registrations."""

from typing import Final

from idocore import Language

IDENTITY: Final = "idocore"
"""The hidden sheet by which a form is known."""

REMARKS: Final[dict[Language, str]] = {"nl": "Opmerkingen (idocore)", "en": "Remarks (idocore)"}
"""The last sheet of a marked file, which lists what was found."""
