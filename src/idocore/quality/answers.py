"""Which fields a visit was asked, and what became of them: answered, left open, or "other"."""

from collections.abc import Iterator, Mapping

from attrs import field, frozen

from idocore.quality.figures import Answered, is_other
from idocore.registrations import Registration, Value
from idocore.theme_files import Themes
from idocore.themes import Condition, Level

CHANNEL = "channel"


@frozen
class Asked:
    """A coded field as one version of a theme asks it; `bases` are a library's own codes, with what they count as."""

    key: str
    level: Level
    when: Condition | None = None
    bases: Mapping[str, str] = field(factory=dict, hash=False)

    def of(self, visit: Registration) -> Answered:
        """How often `visit` was asked this, and with which result."""
        asked = unknown = other = 0
        for answers in self._places(visit):
            asked += 1
            codes = _codes(answers.get(self.key))
            unknown += not codes
            other += any(is_other(self.bases.get(code, code)) for code in codes)
        return Answered(asked, unknown, other)

    def _places(self, visit: Registration) -> Iterator[Mapping[str, Value | None]]:
        """The answers among which this one belongs."""
        if self.key == CHANNEL:
            yield {CHANNEL: visit.channel}
            return
        every = [visit.answers] if self.level is Level.REGISTRATION else [one.answers for one in visit.inquiries]
        for answers in every:
            if self.when is None or set(_codes(answers.get(self.when.field))) & set(self.when.codes):
                yield answers


def asked_by(themes: Themes, theme: str) -> tuple[Asked, ...]:
    """The coded fields of theme version `theme`, and the channel; none when this register does not know it."""
    version = themes.themes.get(theme)
    if version is None:
        return ()
    fields = (
        Asked(one.key, one.level, one.when, themes.codelist(one.codelist).bases if one.codelist else {})
        for one in version.fields
        if one.type.is_coded
    )
    return (Asked(CHANNEL, Level.REGISTRATION, None, themes.codelist(version.channels).bases), *fields)


def _codes(value: Value | None) -> tuple[str, ...]:
    if isinstance(value, bool):
        return (str(value).lower(),)
    return (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ()
