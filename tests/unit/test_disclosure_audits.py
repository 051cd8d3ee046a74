"""An audit looks near by first, and asks libraries together; it finds what each of them finds alone over everything."""

import random

import pytest

from idocore.disclosure import Policy, System, protect, sensitive
from idocore.disclosure.attacking import cracked
from idocore.disclosure.auditing import _Audit, audit
from idocore.disclosure.systems import Key
from tests.disclosures import Shape, invented

POLICY = Policy()
Found = set[tuple[str | None, Key]]


def partly_hidden(seed: int) -> tuple[System, frozenset[Key]]:
    """A small nation of which too little is hidden: some of what it would take."""
    chance = random.Random(seed)
    shape = Shape(points=24, organisations=12, provinces=4, categories=3, visits=chance.randint(150, 500), astray=0.2)
    system = invented(seed, shape)
    beside = sorted(protect(system, POLICY).complementary)
    share = chance.choice((0.5, 0.8, 0.95))
    return system, sensitive(system, POLICY) | set(chance.sample(beside, int(share * len(beside))))


def by_everybody(system: System, hidden: frozenset[Key]) -> Found:
    """Everybody looks at everything by itself; what an outsider can know is not noted for libraries."""
    found: Found = {(None, key) for key, _ in cracked(system, hidden, POLICY)}
    public = {key for _, key in found}
    for owner in sorted(set(system.owners.values())):
        found |= {(owner, key) for key, _ in cracked(system, hidden, POLICY, owner) if key not in public}
    return found


def audited(system: System, hidden: frozenset[Key]) -> Found:
    """What the audit finds, in the same way."""
    found: Found = {(owner, key) for owner, (key, _) in audit(system, hidden, POLICY)}
    public = {key for owner, key in found if owner is None}
    return {(owner, key) for owner, key in found if owner is None or key not in public}


@pytest.mark.slow
def test_an_audit_finds_what_everybody_finds_alone() -> None:
    """On 12 nations of four provinces and twelve libraries, some cracked by outsiders and some by libraries only."""
    by_libraries = 0
    for seed in range(12):
        system, hidden = partly_hidden(seed)
        expected = by_everybody(system, hidden)
        assert audited(system, hidden) == expected, seed
        by_libraries += sum(owner is not None for owner, _ in expected)
        outsiders = {key for owner, key in expected if owner is None}
        assert {key for _, (key, _) in audit(system, hidden, POLICY, only_outsiders=True)} == outsiders, seed
    assert by_libraries > 10


def test_an_audit_of_libraries_near_by_only_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken twin: what is open near by is not tried against the libraries that lie farther away."""
    system, hidden = partly_hidden(0)
    expected = by_everybody(system, hidden)
    assert audited(system, hidden) == expected
    whole = _Audit._by_owner
    monkeypatch.setattr(_Audit, "_by_owner", lambda self, targets, _: whole(self, targets, set()))
    assert audited(system, hidden) < expected
