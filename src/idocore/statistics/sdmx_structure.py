"""What an SDMX-CSV file means, as a structure message (SDMX-ML 3.0): code lists, concepts, data structure, dataflow.

What the table says beside its rows (base, unknowns, notes, query) stands in the annotations of the dataflow.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as Xml

from idocore.messages import LANGUAGES
from idocore.statistics.handover import about, in_order
from idocore.statistics.sdmx import (
    AGENCY,
    CONFIDENTIALITY,
    FREQUENCIES,
    MEASURE,
    STATUS,
    TIME,
    VALUE,
    VERSION,
    Layout,
    sdmx_code,
)
from idocore.statistics.wording import caption
from idocore.themes import Label

if TYPE_CHECKING:
    from idocore.statistics.table import Table

_SPACES: Final = "http://www.sdmx.org/resources/sdmxml/schemas/v3_0/"
_PREFIXES: Final = {"mes": "message", "str": "structure", "com": "common"}
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_URN: Final = "urn:sdmx:org.sdmx.infomodel."
_CONCEPTS: Final = "CS_IDOCORE"
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_STATUSES: Final = {
    "A": Label("normale waarde", "normal value"),
    "M": Label("ontbreekt: kan niet bestaan", "missing: cannot exist"),
    "L": Label("ontbreekt: bestaat, maar is niet verzameld", "missing: exists, but was not collected"),
    "Q": Label("ontbreekt: onderdrukt", "missing: suppressed"),
    "O": Label("ontbreekt", "missing"),
}
_CONFIDENTIALITIES: Final = {"F": Label("vrij", "free"), "C": Label("vertrouwelijk", "confidential")}
_FIXED: Final = {
    "FREQ": Label("frequentie", "frequency"),
    MEASURE: Label("wat er geteld is", "what is counted"),
    TIME: Label("periode", "period"),
    VALUE: Label("waarde", "value"),
    STATUS: Label("status van de waarde", "status of the value"),
    CONFIDENTIALITY: Label("vertrouwelijkheid", "confidentiality"),
}
_FREQUENCY_NAMES: Final = {
    "D": Label("per dag", "daily"),
    "W": Label("per week", "weekly"),
    "M": Label("per maand", "monthly"),
    "Q": Label("per kwartaal", "quarterly"),
    "S": Label("per halfjaar", "half-yearly"),
    "A": Label("per jaar", "annual"),
}

Names = Mapping[str, Label]


def to_xml(table: "Table") -> str:
    """The structure message for the SDMX-CSV of `table`."""
    for prefix, space in _PREFIXES.items():
        Xml.register_namespace(prefix, _SPACES + space)
    layout = Layout.of(table)
    root = Xml.Element(_tag("mes:Structure"))
    _header(root)
    structures = _put(root, "mes:Structures")
    flows = _put(structures, "str:Dataflows")
    _dataflow(flows, table, layout)
    lists = _put(structures, "str:Codelists")
    for name, names in _codelists(table, layout).items():
        _items(lists, "str:Codelist", f"CL_{name}", _heading(table, name), "str:Code", names)
    schemes = _put(structures, "str:ConceptSchemes")
    concepts = {name: _heading(table, name) for name in _concepts(layout)}
    _items(schemes, "str:ConceptScheme", _CONCEPTS, Label("begrippen", "concepts"), "str:Concept", concepts)
    _data_structure(_put(structures, "str:DataStructures"), table, layout)
    Xml.indent(root)
    text = Xml.tostring(root, encoding="unicode").replace("\r", "&#13;")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _header(root: Xml.Element) -> None:
    header = _put(root, "mes:Header")
    _put(header, "mes:ID", "IDOCORE_TABLE")
    _put(header, "mes:Test", "false")
    _put(header, "mes:Prepared", datetime.now(UTC).isoformat(timespec="seconds"))
    _put(header, "mes:Sender", id=AGENCY)


def _codelists(table: "Table", layout: Layout) -> dict[str, Names]:
    """The codes that the file may hold, with their names, for each coded column."""
    found: dict[str, Names] = {name.upper(): _codes(table, name) for name in layout.coded}
    found[MEASURE] = {
        sdmx_code(name): Label(table.heading(name, "nl"), table.heading(name, "en")) for name in table.query.measures
    }
    found[STATUS] = _STATUSES
    found[CONFIDENTIALITY] = _CONFIDENTIALITIES
    if layout.period:
        code = FREQUENCIES[layout.period]
        found["FREQ"] = {code: _FREQUENCY_NAMES[code]}
    return found


def _codes(table: "Table", dimension: str) -> Names:
    codes: Iterable[str | None] = [*in_order(table, dimension), None]
    return {sdmx_code(code): Label(*(table.label(dimension, code, one) for one in LANGUAGES)) for code in codes}


def _concepts(layout: Layout) -> list[str]:
    time = ["FREQ", TIME] if layout.period else []
    return [*(name.upper() for name in layout.coded), MEASURE, *time, VALUE, STATUS, CONFIDENTIALITY]


def _heading(table: "Table", name: str) -> Label:
    """The name of a concept: of ours, or of a dimension in capitals."""
    own = {one.upper(): one for one in table.code_columns}
    return Label(*(table.heading(own[name], one) for one in LANGUAGES)) if name in own else _FIXED[name]


def _dataflow(parent: Xml.Element, table: "Table", layout: Layout) -> None:
    flow = _put(parent, "str:Dataflow", agencyID=AGENCY, id=layout.id, version=VERSION)
    annotations = _put(flow, "com:Annotations")
    for name, value in about(table).items():
        annotation = _put(annotations, "com:Annotation", id=f"idocore-{name.replace('_', '-')}")
        _put(annotation, "com:AnnotationType", "application/json")
        _put(annotation, "com:AnnotationText", json.dumps(value, ensure_ascii=False)).set(_LANG, "en")
    _names(flow, Label(caption(table, "nl"), caption(table, "en")))
    _put(flow, "str:Structure", f"{_URN}datastructure.DataStructure={AGENCY}:{layout.id}({VERSION})")


def _items(parent: Xml.Element, tag: str, id_: str, label: Label, item: str, names: Names) -> None:
    """A scheme with its items."""
    scheme = _put(parent, tag, agencyID=AGENCY, id=id_, version=VERSION, isPartial="true")
    _names(scheme, label)
    for code, name in names.items():
        _names(_put(scheme, item, id=code), name)


def _data_structure(parent: Xml.Element, table: "Table", layout: Layout) -> None:
    structure = _put(parent, "str:DataStructure", agencyID=AGENCY, id=layout.id, version=VERSION)
    _names(structure, Label(caption(table, "nl"), caption(table, "en")))
    components = _put(structure, "str:DataStructureComponents")
    dimensions = _put(components, "str:DimensionList", id="DimensionDescriptor")
    coded = [*(["FREQ"] if layout.period else []), *(name.upper() for name in layout.coded), MEASURE]
    for place, name in enumerate(coded, start=1):
        _component(dimensions, "str:Dimension", name, codes=name, position=str(place))
    if layout.period:
        _component(dimensions, "str:TimeDimension", TIME, text="ObservationalTimePeriod")
    attributes = _put(components, "str:AttributeList", id="AttributeDescriptor")
    for name in (STATUS, CONFIDENTIALITY):
        attribute = _component(attributes, "str:Attribute", name, codes=name, usage="mandatory")
        _put(_put(attribute, "str:AttributeRelationship"), "str:Observation")
    measures = _put(components, "str:MeasureList", id="MeasureDescriptor")
    whole = all(measure.is_whole for measure in table.measures)
    _component(measures, "str:Measure", VALUE, text="Long" if whole else "Double", usage="optional")


def _component(
    parent: Xml.Element, tag: str, name: str, codes: str | None = None, text: str | None = None, **more: str
) -> Xml.Element:
    component = _put(parent, tag, id=name, **more)
    _put(component, "str:ConceptIdentity", f"{_URN}conceptscheme.Concept={AGENCY}:{_CONCEPTS}({VERSION}).{name}")
    form = _put(component, "str:LocalRepresentation")
    if codes is not None:
        _put(form, "str:Enumeration", f"{_URN}codelist.Codelist={AGENCY}:CL_{codes}({VERSION})")
    if text is not None:
        _put(form, "str:TextFormat", textType=text)
    return component


def _names(parent: Xml.Element, label: Label) -> None:
    for language in LANGUAGES:
        _put(parent, "com:Name", label.text(language)).set(_LANG, language)


def _put(parent: Xml.Element, tag: str, text: str | None = None, **attributes: str) -> Xml.Element:
    element = Xml.SubElement(parent, _tag(tag), attributes)
    element.text = None if text is None else _NOT_XML.sub("\ufffd", text)
    return element


def _tag(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{_SPACES}{_PREFIXES[prefix]}}}{local}"
