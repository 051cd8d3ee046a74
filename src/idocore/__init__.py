"""idocore: register and count the work of Dutch library help points for digital government.

>>> import idocore
>>> register = idocore.open("memory:")
>>> point = register.places.add_service_point("centrale", municipality="Utrecht")
>>> visit = register.record(point, inquiries=[{"topic": "digid", "provider": "logius"}])
>>> register.table("registrations", by="province").to_dicts()
[{'province': 'PV26', 'registrations': 1}]
"""

from idocore.amendments import Amendment
from idocore.batch import Batch
from idocore.citations import Citation
from idocore.closings import Closing
from idocore.disclosure.policies import Policy
from idocore.errors import (
    ConflictError,
    ExchangeError,
    IdocoreError,
    InvalidQueryError,
    InvalidValueError,
    NotAllowedError,
    NotFoundError,
    PeriodClosedError,
    PluginDependencyError,
    PluginError,
    PluginLoadError,
    PluginNotFoundError,
    RejectedError,
    ReleaseRefusedError,
    SnapshotError,
    StoreError,
    StoreUnavailableError,
    ThemeError,
)
from idocore.exchange import Line, Origin, read_jsonl, to_raw
from idocore.federation import SyncReport, Transfer, pending, sync
from idocore.findings import Finding, Severity
from idocore.indicators import Catalogue, Indication, Indicator
from idocore.journal import Entry, Revision, Standing
from idocore.loading import Outcome, Result
from idocore.messages import Language
from idocore.opening import open_register as open
from idocore.opening import restore_backup
from idocore.periods import Period, PeriodKind, now
from idocore.places import Municipality, Organisation, Province, ServicePoint, Siting, Succession
from idocore.publications import Prepared, Publications
from idocore.quality import Figures, PointQuality, Quality, Thresholds
from idocore.register import Page, Register
from idocore.registrations import Inquiry, Kind, Precision, Registration, Status, new_id
from idocore.releases import PlannedTable, PublishedCell, Release, ReleasePlan
from idocore.roles import Actor, Operation, Role
from idocore.schema import json_schema
from idocore.scopes import Scope
from idocore.seals import Seal
from idocore.sheet_book import FormRequest, ImportReport, Mark, SheetRequest
from idocore.snapshot_book import SnapshotBook, open_snapshots
from idocore.snapshots import Snapshot
from idocore.statistics import Query, Table
from idocore.statistics.measures import MEASURES, Absence, Measure
from idocore.store import Arrival
from idocore.themes import Bridge, Code, CodeList, Condition, Field, FieldType, Label, Level, Theme

__all__ = [
    "MEASURES",
    "Absence",
    "Actor",
    "Amendment",
    "Arrival",
    "Batch",
    "Bridge",
    "Catalogue",
    "Citation",
    "Closing",
    "Code",
    "CodeList",
    "Condition",
    "ConflictError",
    "Entry",
    "ExchangeError",
    "Field",
    "FieldType",
    "Figures",
    "Finding",
    "FormRequest",
    "IdocoreError",
    "ImportReport",
    "Indication",
    "Indicator",
    "Inquiry",
    "InvalidQueryError",
    "InvalidValueError",
    "Kind",
    "Label",
    "Language",
    "Level",
    "Line",
    "Mark",
    "Measure",
    "Municipality",
    "NotAllowedError",
    "NotFoundError",
    "Operation",
    "Organisation",
    "Origin",
    "Outcome",
    "Page",
    "Period",
    "PeriodClosedError",
    "PeriodKind",
    "PlannedTable",
    "PluginDependencyError",
    "PluginError",
    "PluginLoadError",
    "PluginNotFoundError",
    "PointQuality",
    "Policy",
    "Precision",
    "Prepared",
    "Province",
    "Publications",
    "PublishedCell",
    "Quality",
    "Query",
    "Register",
    "Registration",
    "RejectedError",
    "Release",
    "ReleasePlan",
    "ReleaseRefusedError",
    "Result",
    "Revision",
    "Role",
    "Scope",
    "Seal",
    "ServicePoint",
    "Severity",
    "SheetRequest",
    "Siting",
    "Snapshot",
    "SnapshotBook",
    "SnapshotError",
    "Standing",
    "Status",
    "StoreError",
    "StoreUnavailableError",
    "Succession",
    "SyncReport",
    "Table",
    "Theme",
    "ThemeError",
    "Thresholds",
    "Transfer",
    "json_schema",
    "new_id",
    "now",
    "open",
    "open_snapshots",
    "pending",
    "read_jsonl",
    "restore_backup",
    "sync",
    "to_raw",
]
