"""idocore: register and count the work of Dutch library help points for digital government.

>>> import idocore
>>> register = idocore.open("memory:")
>>> point = register.places.add_service_point("centrale", municipality="Utrecht")
>>> visit = register.record(point, inquiries=[{"topic": "digid", "provider": "logius"}])
>>> register.table("registrations", by="province").to_dicts()
[{'province': 'PV26', 'registrations': 1}]
"""

from idocore.errors import (
    ConflictError,
    ExchangeError,
    IdocoreError,
    InvalidQueryError,
    InvalidValueError,
    NotFoundError,
    PluginDependencyError,
    PluginError,
    PluginLoadError,
    PluginNotFoundError,
    RejectedError,
    StoreError,
    StoreUnavailableError,
    ThemeError,
)
from idocore.exchange import Line, read_jsonl, to_raw
from idocore.findings import Finding, Severity
from idocore.journal import Entry, Revision
from idocore.loading import Outcome, Result
from idocore.messages import Language
from idocore.periods import Period, PeriodKind, now
from idocore.places import Municipality, Organisation, Province, ServicePoint, Siting, Succession
from idocore.register import Batch, Page, Register
from idocore.register import open_register as open
from idocore.registrations import Inquiry, Kind, Precision, Registration, Status, new_id
from idocore.schema import json_schema
from idocore.statistics import Query, Table
from idocore.statistics.query import MEASURES
from idocore.themes import Bridge, Code, CodeList, Condition, Field, FieldType, Label, Level, Theme

__all__ = [
    "MEASURES",
    "Batch",
    "Bridge",
    "Code",
    "CodeList",
    "Condition",
    "ConflictError",
    "Entry",
    "ExchangeError",
    "Field",
    "FieldType",
    "Finding",
    "IdocoreError",
    "Inquiry",
    "InvalidQueryError",
    "InvalidValueError",
    "Kind",
    "Label",
    "Language",
    "Level",
    "Line",
    "Municipality",
    "NotFoundError",
    "Organisation",
    "Outcome",
    "Page",
    "Period",
    "PeriodKind",
    "PluginDependencyError",
    "PluginError",
    "PluginLoadError",
    "PluginNotFoundError",
    "Precision",
    "Province",
    "Query",
    "Register",
    "Registration",
    "RejectedError",
    "Result",
    "Revision",
    "ServicePoint",
    "Severity",
    "Siting",
    "Status",
    "StoreError",
    "StoreUnavailableError",
    "Succession",
    "Table",
    "Theme",
    "ThemeError",
    "json_schema",
    "new_id",
    "now",
    "open",
    "read_jsonl",
    "to_raw",
]
