"""How rates are shown in the report workbook, as LibreOffice shows them."""

from pathlib import Path
from typing import Any

import openpyxl

from idocore_excel.report.paper import _FORMATS
from tests.soffice import Soffice

SHOWN = {
    0.0042: "0.0042",
    0.0: "0.0000",
    0.0995: "0.100",
    0.42: "0.420",
    0.999: "1.00",
    4.256: "4.26",
    1234.5: "1,234.50",
}
SEMICOLONS = "Text - txt - csv (StarCalc):59,34,76"


def shown(soffice: Soffice, folder: Path, number_format: str) -> list[str]:
    workbook = openpyxl.Workbook()
    sheet: Any = workbook.active
    for rate in SHOWN:
        sheet.append([rate])
        sheet.cell(sheet.max_row, 1).number_format = number_format
    workbook.save(folder / "rates.xlsx")
    made = soffice.convert(folder / "rates.xlsx", "csv", folder / "made", options=SEMICOLONS)
    return made.read_text(encoding="utf-8").split()


def test_a_small_rate_is_not_shown_as_nothing(soffice: Soffice, tmp_path: Path) -> None:
    """Visitors per open hour are often few: as much is seen of a small rate as of a large one."""
    assert shown(soffice, tmp_path, _FORMATS["decimal"]) == list(SHOWN.values())
    assert "0.0042" not in shown(soffice, tmp_path, "#,##0.00"), "the broken twin rounds it away"
