"""Profiles: read as data, checked as a whole, and every fault says where it is and what to do."""

from pathlib import Path

import pytest

import idocore
from idocore_excel.profiles import Profile, ProfileError, Shape
from idocore_excel.targets import check
from tests.sheets import two_points

GOOD = """
profile = "utrecht-2020"
version = 2
shape = "visits"
header = [1, 2]
sheets = ["2020-*"]
overrides = { outside-opening-hours = "tijden waren niet bekend" }
fixed = { service_point = "centrale" }
[[columns]]
header = "Datum"
to = "moment"
[[columns]]
letter = "c"
to = "inquiries.topic"
codes = { "ja, DigiD" = "digid", "?" = "" }
separator = ";"
"""


def faults(text: str) -> dict[str, str]:
    """What is wrong with a profile, by place."""
    found: tuple[idocore.Finding, ...] = ()
    try:
        check(Profile.parse(text, "p.toml"), two_points().themes, "p.toml")
    except ProfileError as error:
        found = error.faults
    assert all(fault.message("nl") != fault.message("en") for fault in found)
    return {fault.path: fault.code for fault in found}


def test_a_good_profile() -> None:
    """All of it is read."""
    profile = Profile.parse(GOOD, "p.toml")
    check(profile, two_points().themes, "p.toml")
    assert (profile.name, profile.version, profile.shape, profile.first) == ("utrecht-2020", 2, Shape.VISITS, 3)
    assert profile.columns[1].codes == {"ja, DigiD": "digid", "?": ""}


def test_every_wrong_key_and_value_at_once() -> None:
    """Each with its place; an unknown key names the nearest."""
    wrong = """
shap = "visits"
shape = "crosstob"
header = 1
dates = "d-m-y"
version = "1"
[[columns]]
t = "moment"
header = 1
codes = { a = 1 }
[counter]
larges_step = 5
"""
    assert faults(wrong) == {
        "profile": "profile-key-missing",
        "shap": "profile-key-unknown",
        "shape": "profile-value-wrong",
        "header": "profile-value-wrong",
        "dates": "profile-value-wrong",
        "version": "profile-value-wrong",
        "columns[0].to": "profile-key-missing",
        "columns[0].t": "profile-key-unknown",
        "columns[0].header": "profile-value-wrong",
        "columns[0].codes.a": "profile-value-wrong",
        "counter.larges_step": "profile-key-unknown",
    }
    with pytest.raises(ProfileError) as caught:
        Profile.parse(wrong, "p.toml")
    said = caught.value.message("nl")
    assert "bedoelt u shape" in said
    assert "bedoelt u largest_step" in said
    assert "visits, inquiries, crosstab, counter" in said


def test_everything_that_does_not_fit_the_theme_at_once() -> None:
    """Unknown paths and codes name the nearest; what the shape needs is asked for."""
    wrong = """
profile = " "
shape = "counter"
fixed = { chanel = "desk" }
counter = { read_in_the = "noon" }
[[columns]]
to = "inquiries.topc"
header = "a"
[[columns]]
to = "inquiries.topic"
code = "digd"
letter = "1"
codes = { x = "wrk" }
inquiry = 0
separator = ""
[[columns]]
to = "channel"
header = "a"
letter = "A"
codes = { x = "phone" }
"""
    assert faults(wrong) == {
        "profile": "profile-key-missing",
        "counter.read_in_the": "profile-value-wrong",
        "fixed.chanel": "profile-path-unknown",
        "columns[0].to": "profile-path-unknown",
        "columns[1].letter": "profile-value-wrong",
        "columns[1].inquiry": "profile-value-wrong",
        "columns[1].separator": "profile-value-wrong",
        "columns[1].code": "profile-code-unknown",
        "columns[1].codes.x": "profile-code-unknown",
        "columns[2]": "profile-header-or-letter",
        "columns[2].codes.x": "profile-code-unknown",
        "columns": "profile-needs-path",
        "fixed": "profile-needs-service-point",
    }
    assert faults(GOOD.replace("shape =", 'theme = "idoo"\nshape =')) == {"theme": "unknown-theme"}
    assert faults(GOOD.replace('"visits"', '"inquiries"')) == {"columns": "profile-needs-path"}
    assert faults(GOOD.replace('"visits"', '"crosstab"')) == {"columns": "profile-needs-path"}
    assert faults("dates_across = true\n" + GOOD) == {"shape": "profile-value-wrong"}


def test_what_is_no_profile(tmp_path: Path) -> None:
    """No TOML, another encoding, no file: each is one typed error."""
    assert faults("profile = ") == {"": "profile-no-toml"}
    assert faults('name = "x"\ncolumns = []') == {"name": "profile-key-unknown"}
    (tmp_path / "latin.toml").write_bytes('profile = "caf\xe9"'.encode("latin-1"))
    with pytest.raises(ProfileError):
        Profile.read(tmp_path / "latin.toml")
    with pytest.raises(idocore.ExchangeError) as caught:
        Profile.read(tmp_path / "none.toml")
    assert caught.value.code == "file-unreadable"
