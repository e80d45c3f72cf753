"""A fund of one's own from a TOML file, without code.

    ticker = "SEMI2"
    name = "Two times semiconductors"
    multiple = 2
    index = "PHLX Semiconductor"
    inception = 2015-01-02
    expense_ratio = 0.0095            # or dated:  [{from = 2015-01-02, rate = 0.0095}, …]
    spread = [{from = 2015-01-02, rate = 0.005}, {from = 2020-01-01, rate = 0.02}]

An era may also say where it ends (`to = 2019-12-31`), so that eras that overlap can be refused; a rate
holds until the next era starts, and the last one for ever.
"""

from __future__ import annotations

import datetime
import re
import tomllib
from pathlib import Path
from typing import Any

import numpy as np

from letf_instruments.dated import Dated
from letf_instruments.errors import FactError
from letf_instruments.fund import LeveragedFund

KEYS = ("ticker", "name", "multiple", "index", "inception", "expense_ratio", "spread")


def load_fund_file(path: Path) -> LeveragedFund:
    """Read a fund from a TOML file.

    Raises
    ------
    FactError
        One sentence with the file's name: unreadable, an unknown or missing key, a wrong value, eras
        that overlap.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise FactError(f"{path}: there is no such file") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FactError(f"{path.name} cannot be read as TOML: {error}") from None
    except RecursionError:
        raise FactError(f"{path.name}: its values are nested too deeply to be a fund") from None
    unknown = [key for key in raw if key not in KEYS]
    if unknown:
        raise FactError(f"{path.name}: unknown key {unknown[0]}; known are {', '.join(KEYS)}")
    for key in ("ticker", "multiple"):
        if key not in raw:
            raise FactError(f"{path.name}: {key} is missing")
    if not re.fullmatch(r"[A-Za-z0-9.^-]{1,20}", str(raw["ticker"])):
        raise FactError(
            f"{path.name}: ticker is {raw['ticker']!r}; letters, digits, dots and dashes make one"
        )
    number = raw["multiple"]
    if not isinstance(number, (int, float)) or isinstance(number, bool) or abs(number) > 1e6:
        raise FactError(f"{path.name}: multiple is {raw['multiple']!r}; it must be a number such as -3")
    for key in ("ticker", "name", "index"):
        if not isinstance(raw.get(key, ""), str):
            raise FactError(f"{path.name}: {key} is {raw[key]!r}; it must be text")
    inception = raw.get("inception")
    if inception is not None and not _is_date(inception):
        raise FactError(f"{path.name}: inception is {inception!r}; write it as 2015-01-02, without quotes")
    try:
        return LeveragedFund(
            ticker=raw["ticker"].upper(),
            multiple=float(raw["multiple"]),
            expense_ratio=_rates(raw.get("expense_ratio", 0.0), "expense_ratio"),
            spread=_rates(raw.get("spread", 0.0), "spread"),
            index=raw.get("index", ""),
            inception=None if inception is None else np.datetime64(inception, "D"),
            name=raw.get("name", ""),
        )
    except FactError as error:
        raise FactError(f"{path.name}: {error}") from None


def _is_date(value: Any) -> bool:
    """True for a plain date; a moment of a day is not one."""
    return isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)


def _rates(value: Any, key: str) -> Dated[float]:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Dated.constant(float(value))
    if not isinstance(value, list) or not value:
        raise FactError(
            f"{key} must be a number or a list of eras such as {{from = 2015-01-02, rate = 0.01}}"
        )
    rows: list[tuple[datetime.date, float]] = []
    ends: datetime.date | None = None
    for era in value:
        start: Any = era.get("from") if isinstance(era, dict) else None
        rate: Any = era.get("rate") if isinstance(era, dict) else None
        number = isinstance(rate, (int, float)) and not isinstance(rate, bool)
        if not _is_date(start) or not number or set(era) - {"from", "to", "rate"}:
            raise FactError(
                f"an era of {key} must be {{from = DATE, rate = NUMBER}} with, if wanted, to = DATE"
            )
        if ends is not None and start <= ends:
            raise FactError(f"eras of {key} overlap: one runs to {ends}, the next starts on {start}")
        if rows and start <= rows[-1][0]:
            raise FactError(f"eras of {key} overlap or are out of order at {start}")
        ends = era.get("to")
        if ends is not None and (not _is_date(ends) or ends < start):
            raise FactError(f"an era of {key} from {start} ends at {ends!r}, before it starts")
        rows.append((start, float(rate)))
    return Dated.of(rows)
