"""Sentences speak of types as people do."""

import pytest

import idocore
from tests.registers import DIGID, MAY, furnished

RAW = [
    {"inquiries": [{"topic": 7}]},
    {"inquiries": "digid"},
    {"inquiries": [{"topic": "digid", "help": "referral"}]},
    {"inquiries": DIGID, "answers": {"note": 3.5}},
    {"inquiries": [{"topic": "digid", "count": "veel"}], "kind": "tally"},
]
PROGRAMMERS = ("str", "int", "float", "dict", "NoneType", "bool", "list of")


@pytest.mark.parametrize("raw", RAW, ids=str)
def test_no_sentence_speaks_of_programmers_types(raw: dict[str, object]) -> None:
    """In Dutch and English, whatever was given and whatever was expected."""
    register = furnished(idocore.open("memory:"))
    findings = register.check("centrale", moment=MAY, **raw)
    found = [one for one in findings if one.code == "wrong-type"]
    assert found
    for one in found:
        assert not {*one.message("nl").replace(",", " ").split()} & {*PROGRAMMERS}
        assert "tekst" in one.message("nl") or "getal" in one.message("nl")


def test_a_code_that_is_like_none_gets_some_of_the_list() -> None:
    """No sentence asks: did you mean nothing?"""
    register = furnished(idocore.open("memory:"))
    (one,) = [
        one
        for one in register.check("centrale", moment=MAY, channel="zzz", inquiries=DIGID)
        if one.code == "unknown-code"
    ]
    assert "bedoelt u desk, appointment" in one.message("nl")
