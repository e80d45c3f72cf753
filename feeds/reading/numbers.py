"""Numbers as vendors write them: $ before, % or M behind, thousands apart, a comma for the point."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from feeds.reading.tables import Table
from letf_instruments import DataError

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

MISSING = ("", "-", "--", "–", "—", ".", "#N/A N/A")
UNITS = {"K": "e3", "M": "e6", "B": "e9", "T": "e12"}
_MONEY = r"[$€£¥]"
_UNIT = re.compile(r"(?<=\d)\s?([KMBT])$", re.IGNORECASE)
_SPACE = r"(?<=\d)['’ \u00a0\u202f](?=\d{3})"
_PERCENT = r"(?<=\d)\s?%$"


def _only(point: str, comma: str) -> re.Pattern[str]:
    """Numbers that are none if the signs are the other way round: 1,234.5, 1,234,567, 0.12, 1234.567."""
    apart = rf"\d{{1,3}}(?:{comma}\d{{3}})"
    plain = rf"\d*{point}(?:\d{{1,2}}|\d{{4,}})|(?:\d{{4,}}|0){point}\d{{3}}"
    return re.compile(rf"[+-]?(?:{apart}+{point}\d+|{apart}{{2,}}|{plain})")


_POINT, _COMMA = _only(r"\.", ","), _only(",", r"\.")


def read_numbers(table: Table, columns: Mapping[str, str]) -> dict[str, Floats]:
    """The numbers of a table's columns, NaN where there is none.

    What a comma is follows from all of the columns together, for a vendor writes them alike.

    Parameters
    ----------
    columns : the table's headings, by what they are here. Volume may have a unit (1.23M), a rate a %.

    Raises
    ------
    DataError
        If something is not a number, or is one with either meaning of its comma.
    """
    import pandas as pd

    numbers: dict[str, Floats] = {}
    odd = []
    for name, heading in columns.items():
        column = table.frame[heading]
        # pandas would make numbers of dates, periods, truths and half of a complex number.
        if column.dtype.kind in "mMcb" or isinstance(column.dtype, pd.PeriodDtype):
            raise DataError(f"{table.source}: {name} is of {column.dtype}; numbers are wanted")
        numbers[name] = _converted(column)
        if (np.isnan(numbers[name]) & column.notna().to_numpy()).any():
            odd.append(name)
    if odd:
        _read_odd(table, columns, odd, numbers)
    return numbers


def _converted(column: pd.Series) -> Floats:
    import pandas as pd

    return pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)


def _read_odd(table: Table, columns: Mapping[str, str], odd: list[str], numbers: dict[str, Floats]) -> None:
    """Read again what pandas does not take for numbers."""
    done: dict[str, None] = {}
    bare = {name: _bare(table.frame[heading], name, done) for name, heading in columns.items()}
    decimal_comma = _has_decimal_commas(table, {name: text for name, (text, _) in bare.items()}, done)
    for name in columns if decimal_comma else odd:
        text, unit = bare[name]
        if decimal_comma:
            text = text.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
        else:
            apart = text.str.fullmatch(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?", na=False)
            text = text.where(~apart, text.str.replace(",", "", regex=False))
        values = _converted((text + unit).where(text.notna(), None))
        unread = np.isnan(values) & text.notna().to_numpy()
        if unread.any():
            i = int(np.argmax(unread))
            raise DataError(f"{table.at(i)}: {name} {table.frame[columns[name]].iloc[i]!r} is not a number")
        numbers[name] = values
    if done:
        table.note(f"its numbers are read with {', '.join(done)}")


def _bare(column: pd.Series, name: str, done: dict[str, None]) -> tuple[pd.Series, pd.Series]:
    """The digits, points and commas of a column, None where there is no number; and its units, as exponents.

    Parameters
    ----------
    done : what was done is added to it.
    """
    missing = column.isna()
    text = column.astype(str).str.strip().str.replace("−", "-", regex=False)
    text = text.mask(missing | text.isin(MISSING), None)
    for pattern, what in (
        (_MONEY, "currency signs left out"),
        (_SPACE, "thousands joined"),
        *([(_PERCENT, "% left out")] if name == "rate" else []),
    ):
        if text.str.contains(pattern, na=False).any():
            text = text.str.replace(pattern, "", regex=True).str.strip()
            done[what] = None
    unit = text.str.extract(_UNIT, expand=False)
    if name == "volume" and unit.notna().any():
        done["K, M and B for thousands, millions and billions"] = None
        text = text.str.replace(_UNIT, "", regex=True)
        return text, unit.str.upper().map(UNITS).fillna("")
    return text, unit.mask(unit.notna(), "").fillna("")


def _has_decimal_commas(table: Table, texts: Mapping[str, pd.Series], done: dict[str, None]) -> bool:
    """Whether a comma stands for the point, as all of the columns have it."""
    for_point, for_comma = (
        [(name, i) for name, text in texts.items() for i in _first(text, pattern)]
        for pattern in (_POINT, _COMMA)
    )
    if for_point and for_comma:
        (name, i), (other, j) = for_point[0], for_comma[0]
        raise DataError(
            f"{table.at(i)}: {name} {texts[name].iloc[i]!r} has a decimal point, but {other} "
            f"{texts[other].iloc[j]!r} of row {table.rows[j]} a decimal comma; one or the other is wanted"
        )
    commas = [(name, i) for name, text in texts.items() for i in _first(text, re.compile(r".*\d,\d.*"))]
    if for_comma:
        done["commas for decimal points"] = None
        return True
    if not commas:
        return False
    # Shares are whole: of a volume alone, 1,234 needs no second reading.
    if not for_point and {name for name, _ in commas} != {"volume"}:
        name, i = commas[0]
        text = texts[name].iloc[i]
        raise DataError(
            f"{table.at(i)}: {name} {text!r} is {text.replace(',', '')} with thousands apart and "
            f"{text.replace(',', '.')} with a decimal comma, and the whole table fits both; write it without"
        )
    done["thousands joined"] = None
    return False


def _first(text: pd.Series, pattern: re.Pattern[str]) -> list[int]:
    """Where the first number of a pattern stands, if there is one."""
    found = text.str.fullmatch(pattern, na=False).to_numpy(dtype=bool)
    return [int(np.argmax(found))] if found.any() else []
