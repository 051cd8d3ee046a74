"""Workbooks: the report that people print, and rows read from what others made."""

from idocore_excel.reader import read_rows
from idocore_excel.report import export_xlsx

__all__ = ["export_xlsx", "read_rows"]
