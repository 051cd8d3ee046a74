"""What may be made public: the rule, as data."""

from enum import StrEnum

from attrs import field, frozen
from attrs.validators import ge, gt

from idocore.disclosure.systems import Key, System
from idocore.errors import InvalidValueError


class Method(StrEnum):
    """How small numbers are kept from the public."""

    SUPPRESS = "suppress"
    """Small numbers are hidden, and as many others as it takes that nobody can compute them."""
    ROUNDED = "rounded"
    """Every number is rounded to a multiple of the base; tables do not add up exactly."""


def _method(value: "Method | str") -> Method:
    try:
        return Method(value)
    except ValueError:
        raise InvalidValueError("invalid-method", value=value, known=[one.value for one in Method]) from None


@frozen
class Policy:
    """A count n with 0 < n < `fewest` is sensitive: nobody may know it to within less than `interval`.

    `interval` is the width, in whole counts, of the narrowest range that may be computed for a sensitive number.
    `base` is what numbers are rounded to. `seconds` is how long protecting may take, and checking it as long again:
    what is not shown to be safe by then is not published. `always` are place levels that are never hidden; where that
    cannot be, nothing is published.
    """

    fewest: int = field(default=5, validator=gt(1))
    interval: int = field(default=5, validator=gt(0))
    method: Method = field(default=Method.SUPPRESS, converter=_method)
    base: int = field(default=5, validator=gt(1))
    seconds: float = field(default=600.0, validator=ge(0))
    always: tuple[str, ...] = ()

    def is_sensitive(self, counts: tuple[int, ...]) -> bool:
        """Whether one of `counts`, all of the same key, is sensitive."""
        return any(0 < count < self.fewest for count in counts)


def sensitive(system: System, policy: Policy) -> frozenset[Key]:
    """The published and implied keys with a sensitive count, but for those that an earlier release shows already."""
    published = (system.published | system.implied) - system.shown
    return frozenset(key for key, counts in system.counts.items() if key in published and policy.is_sensitive(counts))
