"""Invented systems of counts to protect: random hierarchies, and a national year."""

import random
from collections import defaultdict
from collections.abc import Collection

from attrs import frozen

from idocore.disclosure import Axis, Key, Policy, Sum, System
from idocore.disclosure.attacking import cracked

ALL = "*"


@frozen
class Shape:
    """How large an invented nation is, and how much happens in it."""

    points: int
    organisations: int
    provinces: int
    categories: int
    visits: int
    months: int = 1
    astray: float = 0.1
    """The share of points that lie outside the province of their organisation."""
    questions: int = 1
    """How many things each inquiry is asked; each has categories of its own."""

    def codes(self, question: int) -> tuple[str, ...]:
        """The categories of a question."""
        return tuple(f"{'cdefg'[question]}{one}" for one in range(self.categories))


def invented(seed: int, shape: Shape) -> System:
    """A system of registrations and inquiries by place, category and period; the two trees of places may cross."""
    chance = random.Random(seed)
    around = _places(chance, shape)
    weights = [1 / (rank + 3) for rank in range(shape.categories)]
    sizes = [1 / (rank + 10) ** 0.8 for rank in range(shape.points)]
    chance.shuffle(sizes)
    counts: dict[Key, list[int]] = defaultdict(lambda: [0, 0])
    for point in chance.choices(list(around), sizes, k=shape.visits):
        month = f"m{chance.randrange(shape.months)}"
        number = chance.choices((1, 2, 3), (7, 2, 1))[0]
        questions = map(shape.codes, range(shape.questions))
        drawn = [one for codes in questions for one in chance.choices(codes, weights, k=number)]
        for place in (point, *around[point], "nation"):
            for period in (month,) if shape.months == 1 else (month, "year"):
                _add(counts[Key(place, ALL, period)], 1, number)
                for one in sorted(set(drawn)):
                    _add(counts[Key(place, one, period)], 1, drawn.count(one))
    for key in [key for key in counts if key.period == "year"]:
        for month in range(shape.months):
            all_here = key._replace(category=ALL, period=f"m{month}")
            everywhere = key._replace(place="nation", period=f"m{month}")
            if any(counts.get(all_here, ())) and any(counts.get(everywhere, ())):
                counts[key._replace(period=f"m{month}")]  # zero, where nobody asked that
    found = {key: tuple(row) for key, row in counts.items()}
    owners = {place: runner for point, (runner, _) in around.items() for place in (point, runner)}
    return System(
        measures=("registrations", "inquiries"),
        counts=found,
        places=Axis(_sums(around)),
        categories=Axis(
            tuple(Sum(ALL, shape.codes(asked), frozenset({"registrations"})) for asked in range(shape.questions))
        ),
        periods=Axis(_months(shape), "m0"),
        published=frozenset(found),
        above_zero=frozenset(key for key in found if key.category == ALL or key.place == "nation"),
        owners=owners,
        at_most=(("registrations", "inquiries"),),
    )


def _places(chance: random.Random, shape: Shape) -> dict[str, tuple[str, str]]:
    """The organisation and the province of each point."""
    homes = [chance.randrange(shape.provinces) for _ in range(shape.organisations)]
    found = {}
    for number in range(shape.points):
        skewed = int(chance.random() ** 1.7 * shape.organisations)
        runner = number if number < shape.organisations else skewed
        province = homes[runner] if chance.random() >= shape.astray else chance.randrange(shape.provinces)
        found[f"point{number}"] = (f"organisation{runner}", f"province{province}")
    return found


def _add(row: list[int], registrations: int, inquiries: int) -> None:
    row[0] += registrations
    row[1] += inquiries


def _sums(around: dict[str, tuple[str, str]]) -> tuple[Sum, ...]:
    parts: dict[str, list[str]] = defaultdict(list)
    for point, places in around.items():
        for place in places:
            parts[place].append(point)
    kinds = [tuple(place for place in parts if place.startswith(kind)) for kind in ("organisation", "province")]
    return (*(Sum(place, tuple(points)) for place, points in parts.items()), *(Sum("nation", kind) for kind in kinds))


def _months(shape: Shape) -> tuple[Sum, ...]:
    return () if shape.months == 1 else (Sum("year", tuple(f"m{one}" for one in range(shape.months))),)


def small(seed: int) -> System:
    """A small nation, with or without months."""
    chance = random.Random(seed)
    organisations = chance.randint(3, 6)
    shape = Shape(
        points=organisations + chance.randint(1, 6),
        organisations=organisations,
        provinces=chance.randint(1, 3),
        categories=chance.randint(3, 4),
        visits=chance.randint(60, 500),
        months=chance.choice((1, 1, 3)),
    )
    return invented(seed, shape)


def months() -> System:
    """Half a year of a small province, by month: small enough to let every library attack every count."""
    return invented(5, Shape(12, 4, 1, 8, 1_500, months=6))


def sparse_year() -> System:
    """A year of a quiet province, by month: nearly every count of a place is small."""
    return invented(2, Shape(20, 6, 1, 10, 2_000, months=12, astray=0.0))


def hardly_a_visitor() -> System:
    """A year in which there are hardly more visitors than service points."""
    return invented(7, Shape(60, 15, 3, 10, 90, astray=0.05))


def quiet_provinces() -> System:
    """A year in which places have some visitors, but too few of each category for a move to reach far."""
    return invented(0, Shape(40, 10, 4, 12, 800, astray=0.0))


def two_questions(seed: int) -> System:
    """A year by topic and by help: both have the same totals."""
    return invented(seed, Shape(20, 6, 2, 5, 900, questions=2))


def year() -> System:
    """A national year: 700 service points by 20 categories."""
    return invented(1, Shape(700, 145, 12, 20, 70_000, astray=0.02))


def known_too_well(system: System, hidden: Collection[Key]) -> list[tuple[str | None, Key]]:
    """Who can know which sensitive count to within less than the interval: a linear program for each, over all."""
    owners = [None, *sorted(set(system.owners.values()))]
    return [(owner, key) for owner in owners for key, _ in cracked(system, hidden, Policy(), owner)]
