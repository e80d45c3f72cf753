"""What a person says of an account: what is held, at which prices things trade, and how much it is worth."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from letf_instruments import SpecError

NOTHING = "none"
HOW = "write INSTRUMENT=SHARES@PRICE,DATE such as SOXS=120@9.85,2026-11-20, or none"
_HOLDING = re.compile(r"([^=@,]+)=([^=@,]+)(?:@([^=@,]+))?(?:,([^=@,]+))?")


@dataclass(frozen=True)
class Owned:
    """A holding in a person's words: shares (negative for a short) and price on today's scale, and the
    session of the purchase; None where not said."""

    instrument: str
    shares: float
    price: float | None = None
    since: datetime.date | None = None

    def __str__(self) -> str:
        price = "" if self.price is None else f"@{self.price:g}"
        return f"{self.instrument}={self.shares:g}{price}{'' if self.since is None else f',{self.since}'}"


def owned(given: Any) -> tuple[Owned, ...] | None:
    """Holdings from words, several of them, or a table; None if nothing was said.

    Parameters
    ----------
    given : "SOXS=120@9.85,2026-11-20"; several with blanks or semicolons between them, or in a list; "none"
        for an account that holds nothing; or a dict of instrument and shares, or (shares, price, date).

    Raises
    ------
    SpecError
        If one cannot be read, is of no shares, or an instrument is named twice.
    """
    if given is None:
        return None
    if isinstance(given, Mapping):
        found = [_of_table(str(name), value) for name, value in given.items()]
    else:
        texts = [given] if isinstance(given, str) else given
        if not isinstance(texts, Iterable) or not all(isinstance(text, str) for text in texts):
            raise SpecError(f"holding is {given!r:.80}; {HOW}")
        words = [word for text in texts for word in re.split(r"[;\s]+", text) if word]
        if not words:
            return None
        if any(word.lower() == NOTHING for word in words):
            if len(words) > 1:
                raise SpecError(f"holding names {NOTHING} and something beside it; give one of them")
            return ()
        found = [_of_words(word) for word in words]
    names = [each.instrument.upper() for each in found]
    for name in names:
        if names.count(name) > 1:
            raise SpecError(f"holding names {name} twice; add its shares up, at their average price")
    return tuple(found)


def _of_words(word: str) -> Owned:
    match = _HOLDING.fullmatch(word)
    if match is None:
        raise SpecError(f"holding {word!r} cannot be read; {HOW}")
    name, shares, price, day = match.groups()
    return _checked(word, name, shares, price, day)


def _of_table(name: str, value: Any) -> Owned:
    parts = list(value) if isinstance(value, (tuple, list)) else [value]
    if not 1 <= len(parts) <= 3:
        raise SpecError(f"holding of {name} is {value!r:.80}; give its shares, or (shares, price, date)")
    return _checked(f"{name}={value!r:.60}", name, *parts, *[None] * (3 - len(parts)))


def _checked(word: str, name: str, shares: Any, price: Any, day: Any) -> Owned:
    size = number_in(shares, f"holding {word!r}: the shares")
    if size == 0:
        raise SpecError(f"holding {word!r} is of no shares; leave it out, or write {NOTHING}")
    paid = None if price is None else number_in(price, f"holding {word!r}: the price")
    if paid is not None and paid <= 0:
        raise SpecError(f"holding {word!r}: the price is {paid:g}; it must be above 0")
    if isinstance(day, str):
        try:
            day = datetime.date.fromisoformat(day)
        except ValueError:
            raise SpecError(f"holding {word!r}: {day!r} is no date such as 2026-11-20") from None
    if isinstance(day, datetime.datetime):
        day = day.date()
    if day is not None and not isinstance(day, datetime.date):
        raise SpecError(f"holding {word!r}: {day!r} is no date such as 2026-11-20")
    return Owned(name.strip(), size, paid, day)


def prices(given: Any) -> dict[str, float]:
    """Last closes as traded, by instrument in capitals: "SOXS=9.85", several of them, or a table.

    Raises
    ------
    SpecError
        If one cannot be read or is not above 0.
    """
    if given is None:
        return {}
    if isinstance(given, Mapping):
        pairs = [(str(name), value) for name, value in given.items()]
    else:
        texts = [given] if isinstance(given, str) else given
        if not isinstance(texts, Iterable) or not all(isinstance(text, str) for text in texts):
            raise SpecError(f"price is {given!r:.80}; write INSTRUMENT=CLOSE such as SOXS=9.85")
        words = [word for text in texts for word in re.split(r"[;\s]+", text) if word]
        for word in words:
            if word.count("=") != 1:
                raise SpecError(f"price {word!r} cannot be read; write INSTRUMENT=CLOSE such as SOXS=9.85")
        pairs = [(word.split("=")[0], word.split("=")[1]) for word in words]
    found: dict[str, float] = {}
    for name, value in pairs:
        price = number_in(value, f"price of {name}")
        if price <= 0:
            raise SpecError(f"price of {name} is {price:g}; it must be above 0")
        if name.upper() in found:
            raise SpecError(f"price of {name} is given twice")
        found[name.upper()] = price
    return found


def number_in(given: Any, what: str) -> float:
    """A finite number, also from text.

    Raises
    ------
    SpecError
        If it is none.
    """
    try:
        value = math.nan if isinstance(given, bool) else float(given)
    except (TypeError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise SpecError(f"{what}: {given!r} is no number")
    return value
