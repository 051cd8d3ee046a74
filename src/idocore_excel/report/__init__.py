"""The report workbook: pages that people print, and the registrations behind them."""

from idocore_excel.report.making import export_xlsx

__all__ = ["export_xlsx"]
