"""What is written down about a visitor: answers to the form in use, with the codes valid then."""

import random
from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

import attrs

from idocore.simulation import shares
from idocore.simulation.chance import Choice, Deck
from idocore.simulation.figures import UNKNOWN
from idocore.theme_files import Themes
from idocore.themes import Code, Theme

Answers = dict[str, Any]


@attrs.define
class Form:
    """One version of the form with the codes of its first day, and the chances of each."""

    chance: random.Random
    theme: Theme
    topics: Deck
    topic_codes: Mapping[str, Code]
    provider_codes: Mapping[str, Code]
    choices: Mapping[str, Choice]
    decks: Mapping[str, Deck]
    providers: Mapping[str, Choice]

    @classmethod
    def of(cls, chance: random.Random, themes: Themes, day: date) -> "Form":
        """The form in use on `day`."""
        theme = themes.at("ido", day)
        if theme is None:
            raise ValueError(f"no form on {day}")

        def valid(name: str) -> tuple[Code, ...]:
            return themes.codelist(f"idocore-basis/{name}").valid_on(day)

        topics, providers = valid("topics"), valid("providers")
        lists: dict[str, tuple[Mapping[str, float], str]] = {
            "channel": (shares.CHANNELS, "channels"),
            "help": (shares.HELP, "help"),
            "referral": (shares.zipf(shares.REFERRALS), "referral-targets"),
            "digid_action": (shares.zipf(shares.DIGID_ACTIONS), "digid-actions"),
            "level": (shares.LEVELS, "government-levels"),
        }
        usable = {key: shares.usable(weights, valid(name)) for key, (weights, name) in lists.items()}
        exact = {"duration": (shares.DURATIONS, "durations"), "age_group": (shares.AGES, "age-groups")}
        decks = {key: shares.usable(weights, valid(name)) for key, (weights, name) in exact.items()}
        return cls(
            chance=chance,
            theme=theme,
            topics=Deck(chance, shares.with_digid(shares.usable(shares.topic_shares(), topics))),
            topic_codes={entry.code: entry for entry in topics},
            provider_codes={entry.code: entry for entry in providers},
            choices={key: Choice.of(chance, weights) for key, weights in usable.items() if weights},
            decks={key: Deck(chance, weights) for key, weights in decks.items() if key in theme.by_key},
            providers=_providers(chance, providers),
        )

    def channel(self) -> str | None:
        """How the visitor was helped; now and then nobody noted it."""
        return self.choices["channel"].draw() if self._known() else None

    def visit(self) -> Answers:
        """Answers about the visit."""
        found: Answers = {key: deck.deal() for key, deck in sorted(self.decks.items()) if self._known()}
        if "returning" in self.theme.by_key and self._known():
            found["returning"] = self.chance.random() < 0.3
        return found

    def inquiry(self) -> Answers:
        """Answers about one thing that the visitor asked."""
        found = self._subject(self.topics.deal())
        if "help" in self.theme.by_key and self._known():
            found |= self._help()
        return dict(sorted(found.items()))

    def counted(self, count: int) -> list[Answers]:
        """A tally of `count` things asked: topics, or providers on the form without topics, each with its count."""
        asked = [self.topics.deal() for _ in range(count)]
        if "topic" not in self.theme.by_key:
            named = Counter(self._provider(topic) for topic in asked)
            return [{"provider": code, "count": number} for code, number in sorted(named.items())]
        return [{**self._topic(topic), "count": number} for topic, number in sorted(Counter(asked).items())]

    def _known(self) -> bool:
        return self.chance.random() >= UNKNOWN

    def _topic(self, topic: str) -> Answers:
        """The topic, with its kind where the form has that."""
        kind = self.topic_codes[topic].broader
        asked = "inquiry_kind" in self.theme.by_key and kind
        return {"inquiry_kind": kind, "topic": topic} if asked else {"topic": topic}

    def _subject(self, topic: str) -> Answers:
        """What it was about, as far as the form asks: topic or text, provider, level of government, DigiD."""
        asked = self.theme.by_key
        found: Answers = {}
        if "topic" in asked and (asked["topic"].required or self._known()):
            found = self._topic(topic)
        if "question_text" in asked and self.chance.random() < 0.6:
            found["question_text"] = f"Vraag over: {self.topic_codes[topic].label.nl}"
        if "provider" in asked and self._known():
            found["provider"] = self._provider(topic)
            found |= self._level(found["provider"])
        if "digid_action" in asked and topic == "digid" and self._known():
            found["digid_action"] = self.choices["digid_action"].draw()
        return found

    def _provider(self, topic: str) -> str:
        chosen = self.providers.get(topic)
        return chosen.draw() if chosen else "not-government"

    def _level(self, provider: str) -> Answers:
        if "government_level" not in self.theme.by_key:
            return {}
        return {"government_level": self.provider_codes[provider].broader or self.choices["level"].draw()}

    def _help(self) -> Answers:
        """One kind of help, sometimes two; a referral says to whom, and since 2024 how."""
        kinds = {self.choices["help"].draw()}
        if self.chance.random() < 0.1:
            kinds.add(self.choices["help"].draw())
        found: Answers = {"help": sorted(kinds)}
        if "referral" in kinds and self._known():
            found["referral"] = [self.choices["referral"].draw()]
            if "warm_referral" in self.theme.by_key:
                found["warm_referral"] = self.chance.random() < 0.4
        return found


def _providers(chance: random.Random, codes: tuple[Code, ...]) -> dict[str, Choice]:
    usable = {topic: shares.usable(weights, codes) for topic, weights in shares.PROVIDERS.items()}
    return {topic: Choice.of(chance, weights) for topic, weights in usable.items() if weights}
