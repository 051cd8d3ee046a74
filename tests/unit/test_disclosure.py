"""Nobody can compute a hidden count: not from all that is published, and not when they know their own counts."""

from collections.abc import Callable

import attrs
import pytest

from idocore.disclosure import Axis, Key, Policy, Protection, Sum, System, protect, sensitive
from idocore.disclosure.attacking import attack, cracked
from idocore.disclosure.auditing import audit
from idocore.disclosure.moves import Move, Proof
from idocore.disclosure.proofs import Checker
from idocore.disclosure.rounding import attack_rounded, rounded
from idocore.disclosure.walks import Walks
from tests.disclosures import (
    hardly_a_visitor,
    known_too_well,
    months,
    quiet_provinces,
    small,
    sparse_year,
    two_questions,
    year,
)

POLICY = Policy()
PROMISE = "nobody can compute a suppressed cell"


def table(numbers: list[list[int]], **more: object) -> System:
    """A table with totals: a row for each place, a column for each category."""
    counts: dict[Key, tuple[int, ...]] = {}
    places = [f"p{row}" for row in range(len(numbers))]
    categories = [f"c{column}" for column in range(len(numbers[0]))]
    for place, row in zip(places, numbers, strict=True):
        counts |= {Key(place, category, "y"): (number,) for category, number in zip(categories, row, strict=True)}
        counts[Key(place, "*", "y")] = (sum(row),)
    for category in (*categories, "*"):
        counts[Key("all", category, "y")] = (sum(counts[Key(place, category, "y")][0] for place in places),)
    found = {key: row for key, row in counts.items() if any(row)}
    axes = Axis((Sum("all", tuple(places)),)), Axis((Sum("*", tuple(categories)),)), Axis((), "y")
    return attrs.evolve(System(("inquiries",), found, *axes, frozenset(found)), **more)


@pytest.mark.slow
def test_no_hidden_count_can_be_computed(record_property: Callable[[str, object], None]) -> None:
    """On 50 random hierarchies nobody knows a sensitive count to within 5: no outsider, and no library."""
    reached = {"sensitive": 0, "hidden": 0, "attackers": 0}
    for seed in range(50):
        system = small(seed)
        found = protect(system, POLICY)
        assert found.unproven == (), seed
        assert known_too_well(system, found.hidden) == [], seed
        reached["sensitive"] += len(found.primary)
        reached["hidden"] += len(found.hidden)
        reached["attackers"] += 1 + len(set(system.owners.values()))
    record_property("promise", PROMISE)
    record_property(
        "reached",
        f"50 random hierarchies, {reached['attackers']} attackers: 0 of {reached['sensitive']} sensitive cells known "
        f"to within 5, {reached['hidden']} hidden",
    )


def test_primary_suppression_only_is_cracked() -> None:
    """The broken twin: hiding only what is small is cracked by the same check, on most hierarchies."""
    cracks = [known_too_well(system, sensitive(system, POLICY)) for system in map(small, range(8))]
    assert sum(map(bool, cracks)) > len(cracks) / 2
    outsiders = [owner for found in cracks for owner, _ in found if owner is None]
    assert len(outsiders) > 10


def test_suppression_that_forgets_libraries_is_cracked_by_one() -> None:
    """The broken twin: protected as if nobody knew their own counts; no outsider, but some library cracks it."""
    caught = []
    for system in map(small, range(12)):
        found = protect(attrs.evolve(system, owners={}), POLICY)
        assert cracked(system, found.hidden, POLICY) == {}
        caught += known_too_well(system, found.hidden)
    assert caught
    assert None not in {owner for owner, _ in caught}


def test_proofs_hold_in_whole_numbers() -> None:
    """Each proof is two possible worlds that show the same numbers; a proof that is tampered with does not hold."""
    system = small(3)
    found = protect(system, POLICY)
    checker = Checker(system, found.hidden, POLICY)
    assert checker.unproven(found.primary - found.solved, found.proofs) == []
    one = found.proofs[0]
    assert checker.holds(one)
    far = tuple(tuple((move, (1_000,) * 2) for move, _ in world) for world in one.high)
    assert not checker.holds(attrs.evolve(one, high=far))
    assert not checker.holds(attrs.evolve(one, high=one.low))
    move, amounts = one.high[0][0]
    lame = attrs.evolve(move, places=move.places[:-1])
    assert not checker.holds(attrs.evolve(one, high=(((lame, amounts),), *one.high[1:])))
    assert not Checker(system, frozenset(), POLICY).holds(one)


def test_all_measures_of_a_key_are_hidden_together() -> None:
    """Numerator, denominator, base and unknowns are keys of one system: a key is hidden with all its measures."""
    system = small(1)
    found = protect(system, POLICY)
    assert found.hidden <= system.published
    assert found.primary == {key for key, row in system.counts.items() if any(0 < count < 5 for count in row)}


def test_the_attacker_finds_what_can_be_computed() -> None:
    """A single hidden cell in a row is computed exactly; two leave a range that the totals bound."""
    system = table([[3, 20, 30], [40, 50, 60]])
    target = (Key("p0", "c0", "y"), 0)
    alone = attack(system, [target[0]], [target])[target]
    assert (alone.low, alone.high) == (3.0, 3.0)
    square = [Key(place, category, "y") for place in ("p0", "p1") for category in ("c0", "c1")]
    both = attack(system, square, [target])[target]
    assert (both.low, both.high) == (1.0, 22.0)
    owner = attack(system, square, [target], known=[square[1]])[target]
    assert owner.width == 0.0


def test_time_that_runs_out_is_no_proof() -> None:
    """Without time nothing is shown to be safe: what was not looked at is unproven, and counts as cracked."""
    system = table([[3, 20, 30], [40, 50, 60]])
    found = protect(system, attrs.evolve(POLICY, seconds=0.0))
    assert found.out_of_time
    assert set(found.unproven) == found.primary
    assert found.primary <= found.hidden
    assert cracked(system, found.hidden, POLICY, seconds=0.0)


def test_a_frozen_number_is_never_hidden() -> None:
    """What an earlier release shows cannot protect anything; where only that could, the key is unproven."""
    system = table([[3, 20, 30], [40, 50, 60], [70, 80, 90]])
    key = Key("p0", "c0", "y")
    free = protect(system, POLICY)
    assert free.unproven == ()
    frozen = attrs.evolve(system, shown=system.published - {key})
    assert protect(frozen, POLICY).unproven == (key,)
    row = frozenset(one for one in system.published if one.place == "p0")
    around = protect(attrs.evolve(system, shown=row - {key}), POLICY)
    assert around.unproven == (key,)
    elsewhere = protect(attrs.evolve(system, shown=frozenset({Key("p1", "c1", "y")})), POLICY)
    assert elsewhere.unproven == ()
    assert Key("p1", "c1", "y") not in elsewhere.hidden


def test_rounding_shows_no_small_number_but_promises_no_interval() -> None:
    """Rounded numbers leave a range, which a table may narrow down: the attacker says how far."""
    assert [rounded(count, 5) for count in range(9)] == [0, 0, 0, 5, 5, 5, 5, 5, 10]
    system = table([[3, 20, 30], [40, 50, 60]])
    target = (Key("p0", "c0", "y"), 0)
    found = attack_rounded(system, 5, [target])[target]
    assert found.low is not None
    assert found.low <= 3 <= found.low + found.width
    assert 0 < found.width < 5


@pytest.mark.slow
def test_months_of_a_province_are_protected(record_property: Callable[[str, object], None]) -> None:
    """By month: no library and no outsider knows any small count to within 5, though most months are small."""
    system = months()
    found = protect(system, POLICY)
    assert found.unproven == ()
    assert not found.solved
    assert Checker(system, found.hidden, POLICY).unproven(found.primary, found.proofs) == []
    assert known_too_well(system, found.hidden) == []
    record_property("promise", PROMISE)
    record_property(
        "reached",
        f"half a year by month: 0 of {len(found.primary)} sensitive cells known to within 5, {len(found.hidden)} of "
        f"{len(system.counts)} hidden",
    )


def test_months_with_primary_suppression_only_are_cracked() -> None:
    """The broken twin: hiding only what is small."""
    system = months()
    primary = sensitive(system, POLICY)
    assert cracked(system, primary, POLICY, keys=sorted(primary)[:40])


def test_months_whose_zeros_are_shown_are_not_proved() -> None:
    """The broken twin: a zero that shows between hidden numbers takes proofs away."""
    system = months()
    found = protect(system, POLICY)
    zeros = {key for key in found.hidden if not any(system.counts[key])}
    assert zeros
    assert Checker(system, found.hidden - zeros, POLICY).unproven(found.primary, found.proofs)


def test_who_came_asked_something() -> None:
    """A world with questions and no visitors is none: all measures of a key are zero together, as far as they are."""
    months_of = {("a", "m0"): (1, 4), ("a", "m1"): (8, 8), ("b", "m0"): (4, 5), ("b", "m1"): (4, 4)}
    counts = {Key(place, "*", month): row for (place, month), row in months_of.items()}
    for place in "ab":
        rows = [counts[Key(place, "*", month)] for month in ("m0", "m1")]
        counts[Key(place, "*", "y")] = (rows[0][0] + rows[1][0], rows[0][1] + rows[1][1])
    for period in ("m0", "m1", "y"):
        rows = [counts[Key(place, "*", period)] for place in "ab"]
        counts[Key("all", "*", period)] = (rows[0][0] + rows[1][0], rows[0][1] + rows[1][1])
    axes = Axis((Sum("all", ("a", "b")),)), Axis((), "*"), Axis((Sum("y", ("m0", "m1")),))
    system = System(
        ("registrations", "inquiries"), counts, *axes, frozenset(counts), at_most=(("registrations", "inquiries"),)
    )
    hidden = frozenset(Key(place, "*", month) for place, month in months_of)
    move = Move((("b", 1), ("a", -1)), (("m0", 1), ("m1", -1)), (("*", 1),))
    far = Proof(Key("b", "*", "m0"), (((move, (-4, -4)),),), (((move, (1, 1)),),))
    assert system.is_together
    assert not Checker(system, hidden, POLICY).holds(far), "nobody comes to b, and asks five questions"
    apart = attrs.evolve(system, counts=counts | {Key("c", "*", "y"): (0, 1)})
    assert Checker(apart, hidden, POLICY).holds(far), "where questions without visitors are counted"


def test_what_is_known_not_to_be_zero() -> None:
    """Hidden months may be zero, but for totals, and what an earlier release hid that showed its zeros; years never."""
    system = months()
    by_category = {key: row for key, row in system.counts.items() if key.category != "*" and key.place != "nation"}
    month = next(key for key, row in by_category.items() if key.period != "year" and min(row) > 0)
    assert system.floors(month._replace(category="*")) == system.floors(month._replace(place="nation")) == (1, 1)
    empty = next(key for key, row in system.counts.items() if not any(row))
    assert system.floors(month) == system.floors(empty) == (0, 0)
    assert system.floors(month._replace(period="year")) == (1, 1)
    after = attrs.evolve(system, held=frozenset({month, empty}), above_zero=frozenset({month, empty}))
    assert after.floors(month) == (1, 1)
    assert after.floors(empty) == (0, 0)
    assert after.floors(month._replace(period="year")) == (1, 1)


@pytest.mark.slow
def test_a_quiet_province_can_be_published_by_month() -> None:
    """Nearly all counts are small: places are hidden by month, the province is not, and every proof holds."""
    system = sparse_year()
    found = protect(system, POLICY)
    assert found.unproven == ()
    assert Checker(system, found.hidden, POLICY).unproven(found.primary - found.solved, found.proofs) == []
    shown = system.published - found.hidden
    assert {Key("province0", "*", f"m{month}") for month in range(12)} <= shown
    assert {key.place for key in shown if key.period == "year"} > {"nation", "province0", "point0"}


def test_a_year_with_hardly_a_visitor_is_protected() -> None:
    """Nearly all counts are small, and zeros are shown: totals have to go, too, a few at a time."""
    system = hardly_a_visitor()
    found = protect(system, POLICY)
    assert len(found.primary) > len(system.counts) / 2
    assert found.unproven == ()
    assert known_too_well(system, found.hidden) == []


def test_what_no_single_move_protects_is_proved_by_several(monkeypatch: pytest.MonkeyPatch) -> None:
    """A province of many small places: each gives one, and that is a proof in whole numbers, for every library.

    Without such walks a linear program has to decide, which takes much longer.
    """
    system = quiet_provinces()
    found = protect(system, POLICY)
    assert not found.unproven
    assert not found.solved
    assert Checker(system, found.hidden, POLICY).unproven(found.primary, found.proofs) == []
    assert any(len(world) > 1 for proof in found.proofs for world in (*proof.low, *proof.high))
    assert known_too_well(system, found.hidden) == []
    monkeypatch.setattr(Walks, "proof", lambda *_: None)
    assert protect(system, POLICY).solved


def test_two_questions_with_the_same_totals_are_protected(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asked about a topic is in no exchange with who was helped in some way: that would change neither's total.

    The broken twin exchanges them all the same: its proofs do not hold.
    """
    for seed in range(4):
        system = two_questions(seed)
        found = protect(system, POLICY)
        checker = Checker(system, found.hidden, POLICY)
        assert not found.unproven
        assert all(checker.holds(proof) for proof in found.proofs)
        assert known_too_well(system, found.hidden) == []
    monkeypatch.setattr(Axis, "lacking", property(lambda axis: dict.fromkeys(axis.chains, ())))
    wrong = protect(two_questions(0), POLICY)
    checker = Checker(two_questions(0), wrong.hidden, POLICY)
    assert not all(checker.holds(proof) for proof in wrong.proofs)


@pytest.mark.slow
def test_a_national_year_is_protected(record_property: Callable[[str, object], None]) -> None:
    """700 service points by 20 categories: every sensitive count is proved safe, from outsiders and each library."""
    system = year()
    found: Protection = protect(system, POLICY)
    assert not found.unproven
    assert not found.solved
    assert Checker(system, found.hidden, POLICY).unproven(found.primary, found.proofs) == []
    some = sorted(found.primary)[::400]
    assert audit(system, found.hidden, POLICY, keys=some) == {}
    record_property("promise", PROMISE)
    record_property(
        "reached",
        f"a national year: {len(found.primary)} primary and {len(found.complementary)} complementary cells of "
        f"{len(system.counts)}, 0 known to within 5",
    )


def test_a_national_year_with_primary_suppression_only_is_cracked() -> None:
    """The broken twin of the national year: hundreds of small counts are what a total leaves, by subtraction alone."""
    system = year()
    hidden = system.unknown(sensitive(system, POLICY))
    sums = (one for one in system.relations if not one.distinct)
    left = [hidden & {one.total, *one.parts} for one in sums]
    assert len({key for keys in left if len(keys) == 1 for key in keys}) > 400
