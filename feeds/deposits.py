"""Money that is paid into an account, or out of it, on days that are known beforehand.

    Deposits.each(500.0, "month")             # on each month's first session, the first month's not
    load_deposits("payments.csv")             # on given dates

A payment is credited at the open of the first bar of its session, before orders are filled. The money that is
there at the start is that of the first period, so a periodic payment begins with the second; one by a number
of sessions comes that many sessions after the first, and so on. A date on which there is no session is
credited on the next one; one before the first session or after the last never.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from feeds.periods import PERIODS, period_numbers
from feeds.reading.headings import told
from letf_instruments import DataError, SpecError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Deposits:
    """Payments to come; negative amounts are paid out.

    amount, every : so much each "week" (from Monday), "month", "quarter" or "year", on its first session, or
        every so many sessions; None where the payments are dated.
    days, amounts : days since 1970-01-01, rising, and what is paid on each; of dated payments.
    source : what messages call them.

    Raises
    ------
    SpecError
        If an amount is infinite or no number, or there is no such period.
    """

    amount: float = 0.0
    every: str | int | None = None
    days: tuple[int, ...] = ()
    amounts: tuple[float, ...] = ()
    source: str = "deposits"

    def __post_init__(self) -> None:
        for amount in (self.amount, *self.amounts):
            if not math.isfinite(amount):
                raise SpecError(f"{self.source}: a payment of {amount:g} is no finite amount of money")
        every = self.every
        right = every is None or every in PERIODS or (isinstance(every, int) and every >= 1)
        if not right or isinstance(every, bool):
            raise SpecError(
                f"{self.source}: every is {every!r}; it must be {', '.join(map(repr, PERIODS))}, or a number "
                "of sessions"
            )

    @classmethod
    def each(cls, amount: float, every: str | int) -> Deposits:
        """The same sum again and again."""
        return cls(float(amount), every)

    def due(self, day: int, before: int | None, session: int) -> float:
        """What is credited on a session.

        Parameters
        ----------
        day : of the session, since 1970-01-01. before : of the one before; None for the first.
        session : its number, from 0.
        """
        if self.every is None:
            since = day - 1 if before is None else before
            return float(sum(a for d, a in zip(self.days, self.amounts, strict=True) if since < d <= day))
        if before is None:
            return 0.0
        if isinstance(self.every, int):
            return self.amount if session % self.every == 0 else 0.0
        was, now = period_numbers(np.array([before, day], dtype="datetime64[D]"), self.every)
        return self.amount if now != was else 0.0

    def on(self, days: Ints) -> Floats:
        """What is credited at the open of each bar, shape (n,) → (n,).

        Parameters
        ----------
        days : of the bars, since 1970-01-01, shape (n,); rising or, within a session, equal.
        """
        out = np.zeros(len(days))
        first = np.flatnonzero(np.append(True, days[1:] != days[:-1])) if len(days) else np.zeros(0, np.int64)
        sessions = days[first]
        if self.every is None:
            at = np.searchsorted(sessions, np.array(self.days, dtype=np.int64), side="left")
            for place, day, amount in zip(at.tolist(), self.days, self.amounts, strict=True):
                if place < len(sessions) and day >= sessions[0]:
                    out[first[place]] += amount
        elif isinstance(self.every, int):
            out[first[self.every :: self.every]] = self.amount
        else:
            numbers = period_numbers(sessions.astype("datetime64[D]"), self.every)
            out[first[1:][numbers[1:] != numbers[:-1]]] = self.amount
        return out

    def outside(self, first: np.datetime64, last: np.datetime64) -> list[str]:
        """A sentence on dated payments before the first session of a run, and on those after the last."""
        said = []
        edges = [int(np.datetime64(day, "D").astype(np.int64)) for day in (first, last)]
        for name, day, late in (
            ("before the run begins", edges[0], [d for d in self.days if d < edges[0]]),
            ("after the run ends", edges[1], [d for d in self.days if d > edges[1]]),
        ):
            if late:
                count = f"{len(late):,} payment{'s' * (len(late) > 1)} dated {name}"
                said.append(f"{self.source}: {count}, on {np.datetime64(day, 'D')}, left out")
        return said

    def fingerprint(self) -> str:
        """SHA-256 of dates and amounts."""
        digest = hashlib.sha256(np.array(self.days, dtype="<i8").tobytes())
        digest.update(np.array(self.amounts, dtype="<f8").tobytes())
        return digest.hexdigest()


def load_deposits(path: Path) -> Deposits:
    """Dated payments from a .csv with the columns date and amount.

    Raises
    ------
    DataError
        If the file is not there, lacks a column or has no rows, or a date or an amount cannot be read.
    """
    import pandas as pd

    if not path.is_file():
        raise DataError(f"{path}: there is no such file of deposits; its columns are date and amount")
    try:
        frame = pd.read_csv(path, dtype=str, skipinitialspace=True, keep_default_na=False)
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"{path.name}: cannot be read as csv ({reason})") from None
    frame.columns = [str(c).strip().lower() for c in frame.columns]
    for column in ("date", "amount"):
        count = list(frame.columns).count(column)
        if count != 1:
            lacks = f"no column for {column}" if not count else f"several columns are called {column}"
            raise DataError(f"{path.name}: {lacks}; its headings are {told(frame.columns)}")
    if frame.empty:
        raise DataError(f"{path.name}: there are no payments in it")
    dates = pd.to_datetime(frame["date"].str.strip(), format="%Y-%m-%d", errors="coerce")
    amounts = pd.to_numeric(frame["amount"].str.strip(), errors="coerce").to_numpy(dtype=np.float64)
    for wrong, column, right in (
        (dates.isna().to_numpy(), "date", "a date; write it as 2020-03-16"),
        (~np.isfinite(amounts), "amount", "an amount of money; write it as 500 or -250.50"),
    ):
        if wrong.any():
            i = int(np.argmax(wrong))
            raise DataError(f"{path.name}, row {i + 2}: {frame[column].iloc[i]!r} is not {right}")
    days = dates.to_numpy().astype("datetime64[D]").astype(np.int64)
    order = np.argsort(days, kind="stable")
    return Deposits(
        days=tuple(days[order].tolist()), amounts=tuple(amounts[order].tolist()), source=path.name
    )
