"""From where on a figure is worth a look: data, so that a library can set its own."""

from attrs import frozen


@frozen
class Thresholds:
    """When a figure becomes a finding. What each is based on stands in the explanation of data quality.

    Shares are from 0 to 1. A name that ends in `_least` is the fewest records (or days) that a figure is judged by:
    below it there is too little to tell.
    """

    silent_least: int = 10
    """Open days (or days of existence, hours unknown) without any registration before a point is called silent."""
    gap_chance: float = 0.001
    """How often chance alone may give a run of empty open days as long as a reported one, per point."""
    gap_least: int = 5
    """The fewest open days in a gap, and the fewest days with registrations that it is judged by."""
    outlier_score: float = 5.0
    """Robust standard deviations above the median of the point's own days."""
    outlier_least: int = 10
    """The fewest records on a day that stands out, and the fewest days that it is judged by."""
    change_score: float = 6.0
    """Standard deviations from what the point's own past and its peers lead to expect."""
    change_ratio: float = 2.0
    """How many times more, or fewer, than expected."""
    change_months: int = 3
    """How many months before, and after, are compared."""
    round_share: float = 0.25
    """Moments on a whole or half hour; by chance it is 1 in 30."""
    round_least: int = 30
    round_tally_share: float = 0.7
    """Tallies of five or more that are a multiple of five; by chance it is about 1 in 5."""
    round_tally_least: int = 15
    same_minute_share: float = 0.5
    """Moments in the same minute as another on that day."""
    same_minute_least: int = 20
    at_once_share: float = 0.25
    """Registrations of a point that were entered on one and the same day, while their visits lie apart."""
    at_once_least: int = 20
    at_once_days: int = 7
    """How many days their visits lie apart at least."""
    late_share: float = 0.25
    """Registrations entered more than `late_days` after the visit, of those not entered at once."""
    late_days: int = 7
    late_least: int = 20
    double_share: float = 0.02
    """Registrations that look just like an earlier one, of those with a moment."""
    double_least: int = 3
    """The fewest such registrations."""
    unknown_share: float = 0.3
    """Answers left open, of those that were asked for."""
    other_share: float = 0.5
    """Answers "other", of those that were given."""
    answers_least: int = 30
    amended_share: float = 0.1
    """Registrations last changed or added after their period was closed."""
    amended_least: int = 20
