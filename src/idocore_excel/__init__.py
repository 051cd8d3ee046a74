"""Workbooks: sheets of any make read, forms to fill in, the report that people print."""

from idocore_excel.door import door
from idocore_excel.reader import read_rows
from idocore_excel.report import export_xlsx

__all__ = ["door", "export_xlsx", "read_rows"]
