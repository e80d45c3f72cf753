"""The small language of a tree's conditions: "rsi(TQQQ, 10) > 79", read without running anything.

    condition  = indicator sign (indicator | number)
    sign       = ">" | "<" | ">=" | "<="
    indicator  = "price(" instrument ")" | kind "(" instrument "," bars ")"
    kind       = "sma" | "ema" | "rsi" | "return" | "volatility"

A number, and a number of bars, may be a name of the rule's own numbers.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
import numpy.typing as npt

from feeds.market import Market
from letf_instruments import SpecError
from strategies import gauges
from strategies.indicators import ema, momentum, realised_volatility, rsi, sma

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Numbers = Mapping[str, float]

MOST_BARS = 2000
LONGEST = 200  # letters of a condition
TOKEN = re.compile(r"\s*(>=|<=|>|<|\(|\)|,|[\w.^+-]+)")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
INSTRUMENT = re.compile(r"[A-Za-z0-9^][\w.^-]*")
OPPOSITE = {">": "<=", "<": ">=", ">=": "<", "<=": ">"}


def _volatility(market: Market, close: Floats, bars: int) -> Floats:
    return realised_volatility(close, bars) * np.sqrt(gauges.bars_a_session(market))


@dataclass(frozen=True)
class Kind:
    """A sort of indicator: what it works out of an instrument's closes, the fewest bars it makes sense for,
    the bars that it needs beyond those, and whether it is a fraction."""

    of: Callable[[Market, Floats, int], Floats]
    least: int
    more: int
    share: bool = False


KINDS = {
    "price": Kind(lambda market, close, bars: close, 1, 0),
    "sma": Kind(lambda market, close, bars: sma(close, bars), 1, 0),
    "ema": Kind(lambda market, close, bars: ema(close, bars), 1, 0),
    "rsi": Kind(lambda market, close, bars: rsi(close, bars), 2, 1),
    "return": Kind(lambda market, close, bars: momentum(close, bars), 1, 1, share=True),
    "volatility": Kind(_volatility, 2, 1, share=True),
}


@dataclass(frozen=True)
class Indicator:
    """One of `KINDS` of an instrument, over so many bars."""

    kind: str
    instrument: str
    bars: int = 1

    def __str__(self) -> str:
        if self.kind == "price":
            return f"price({self.instrument})"
        return f"{self.kind}({self.instrument}, {self.bars})"

    @property
    def warm_up(self) -> int:
        """Bars until it is known."""
        return self.bars + KINDS[self.kind].more

    @property
    def share(self) -> bool:
        """True if it is a fraction."""
        return KINDS[self.kind].share

    def on(self, market: Market) -> Floats:
        """Its values, shape (n,); NaN where it is not known."""
        return KINDS[self.kind].of(market, market[self.instrument].close, self.bars)


@dataclass(frozen=True)
class Comparison:
    """An indicator with a sign between it and another one, or a number."""

    left: Indicator
    sign: str
    right: Indicator | float

    def __str__(self) -> str:
        return self._words(self.sign)

    @property
    def negated(self) -> str:
        """In words that it does not hold."""
        return self._words(OPPOSITE[self.sign])

    def _words(self, sign: str) -> str:
        right = self.right if isinstance(self.right, Indicator) else f"{self.right:g}"
        return f"{self.left} {sign} {right}"

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """Those that it compares."""
        return (self.left, self.right) if isinstance(self.right, Indicator) else (self.left,)

    def holds(self, values: Mapping[Indicator, Floats]) -> Bools:
        """Where it holds, shape (n,); nowhere where one of its indicators is not known."""
        left = values[self.left]
        right = values[self.right] if isinstance(self.right, Indicator) else self.right
        compare = {">": np.greater, "<": np.less, ">=": np.greater_equal, "<=": np.less_equal}
        found: Bools = compare[self.sign](left, right)
        return found


def condition(text: str, where: str, numbers: Numbers, used: set[str]) -> Comparison:
    """A condition from its text.

    Parameters
    ----------
    where : the node's path, for sentences. numbers : the rule's own by name. used : names found are added.

    Raises
    ------
    SpecError
        One sentence, if it is none.
    """
    reader = _Reader(text, where, numbers, used)
    left = reader.indicator()
    sign = reader.take()
    if sign not in OPPOSITE:
        reader.fail(f"after {left} there should be >, <, >= or <=, {_not(sign)}")
    right = reader.indicator() if reader.opens_indicator() else reader.number()
    if reader.peek() is not None:
        reader.fail(
            f'{_found(reader.peek())} is more than one comparison; for "and" put a second if into then'
        )
    return Comparison(left, sign, right)


def score(text: str, where: str, numbers: Numbers, used: set[str]) -> tuple[str, int]:
    """What a list is ranked by: the kind and the bars of "rsi(10)".

    Raises
    ------
    SpecError
        One sentence, if it is none.
    """
    reader = _Reader(text, where, numbers, used)
    kind = reader.kind()
    if kind == "price":
        reader.fail("a price says nothing beside another instrument's; rank by " + _kinds("price"))
    reader.expect("(", kind)
    bars = reader.bars(kind)
    reader.expect(")", str(bars))
    if reader.peek() is not None:
        reader.fail(f'{_found(reader.peek())} is too much; a score is such as "rsi(10)"')
    return kind, bars


def whole(value: float, least: int, most: int, fail: Callable[[str], NoReturn], what: str) -> int:
    """A number that must be whole and within bounds."""
    if value != int(value) or not least <= value <= most:
        fail(f"{what} is {value:g}; it must be a whole number from {least} to {most:,}")
    return int(value)


def _found(token: str | None) -> str:
    return "the end" if token is None else f'"{token}"'


def _not(token: str | None) -> str:
    return f"not {_found(token)}"


def _kinds(but: str = "") -> str:
    return ", ".join(kind for kind in KINDS if kind != but)


class _Reader:
    """Reads a text from left to right, token by token."""

    def __init__(self, text: str, where: str, numbers: Numbers, used: set[str]) -> None:
        self.text, self.where, self.numbers, self.used = text, where, numbers, used
        self.tokens: list[str] = []
        self.at = 0
        if len(text) > LONGEST:
            self.text = text[:40] + "…"
            self.fail(f"it has {len(text):,} letters; a condition may have {LONGEST}")
        place = 0
        while text[place:].strip():
            match = TOKEN.match(text, place)
            if match is None:
                self.fail(f'"{text[place:].strip()[0]}" has no meaning here')
                break
            self.tokens.append(match[1])
            place = match.end()

    def fail(self, why: str) -> NoReturn:
        """Refuse the text."""
        raise SpecError(f'{self.where}: "{self.text}": {why}')

    def peek(self, ahead: int = 0) -> str | None:
        """A token to come; None at the end."""
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else None

    def take(self) -> str:
        """The next token; empty at the end, which nothing asks for."""
        token = self.peek()
        self.at += 1
        if token is None:
            self.fail('it ends too soon; a condition is such as "rsi(SOXL, 10) > 79"')
        return token or ""

    def expect(self, token: str, after: str) -> None:
        """Take what must come now."""
        found = self.peek()
        if found != token:
            self.fail(f'after {after} there should be "{token}", {_not(found)}')
        self.at += 1

    def opens_indicator(self) -> bool:
        """True if a bracket follows the next token."""
        return self.peek(1) == "("

    def kind(self) -> str:
        """The name of an indicator."""
        name = self.take()
        if name not in KINDS:
            near = difflib.get_close_matches(name.lower(), KINDS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {_kinds()}"
            self.fail(f"no indicator is called {name}; {hint}")
        return name

    def indicator(self) -> Indicator:
        """An indicator with its instrument and bars."""
        kind = self.kind()
        self.expect("(", kind)
        instrument = self.take()
        if not INSTRUMENT.fullmatch(instrument):
            self.fail(f'"{instrument}" is no name of an instrument')
        if instrument == "cash":
            self.fail("cash has no price; name an instrument")
        if kind == "price":
            self.expect(")", instrument)
            return Indicator(kind, instrument)
        self.expect(",", instrument)
        bars = self.bars(kind)
        self.expect(")", str(bars))
        return Indicator(kind, instrument, bars)

    def bars(self, kind: str) -> int:
        """A number of bars."""
        return whole(self.number(), KINDS[kind].least, MOST_BARS, self.fail, f"the bars of {kind}")

    def number(self) -> float:
        """A number, or one of the rule's own by name."""
        return number(self.take(), self.numbers, self.used, self.fail)


def number(word: str, numbers: Numbers, used: set[str], fail: Callable[[str], NoReturn]) -> float:
    """The number of a word: itself, or that of a name."""
    if NUMBER.fullmatch(word) and np.isfinite(float(word)):
        return float(word)
    if word not in numbers:
        near = difflib.get_close_matches(word, numbers, n=1)
        hint = f"did you mean {near[0]}?" if near else f"rule.numbers has {', '.join(numbers) or 'none'}"
        fail(f'"{word}" is neither a number nor one of rule.numbers; {hint}')
    used.add(word)
    return float(numbers[word])
