"""Faulty cells marked in the user's own file: coloured, with a comment, and all listed on a last sheet.

The file is not opened and saved anew: only what a mark needs is put into it, and everything else (styles, charts,
pictures, macros, the values behind formulas) stays byte for byte as it was.
"""

from idocore_excel.marking.files import mark

__all__ = ["mark"]
