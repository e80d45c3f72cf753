"""Tax on realised gains: what a year's sales come to by lot, and what is owed for it. Pure arithmetic.

- A purchase is a lot: its cost is its price and what was charged for it; what a sale is charged is taken off
  its proceeds. Lots are sold first in first out, or at the average cost of all that are held. A short's gain
  is realised as it is bought back. A split restates lots and is no sale.
- A calendar year's gains and losses are netted, short-term and long-term each by itself, then against each
  other; what is left of a loss may be carried to later years, as what it was. The allowance is taken from
  what is left to tax, first from what bears the higher rate.
- Days are those of the trades, as the IRS has it (Publication 550); the Korean year goes by settlement, which
  moves the last days of December.

Not here: dividends, interest and borrow fees (they are no gains of a sale), wash sales, estimated payments in
the course of a year, other income, exchange rates.

Sources: IRS Publication 550 (2023), chapter 4, and Schedule D with its Capital Loss Carryover Worksheet, for
netting and what is carried; 26 CFR 1.1012-1(c) for first in first out, (e)(7) for the order in which shares
at an average cost are sold; 26 USC 1233 for shorts.
"""

from __future__ import annotations

import datetime
import math
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass
from typing import NamedTuple

from letf_instruments import SpecError
from letf_instruments.sizes import DUST

METHODS = ("fifo", "average")
A_YEAR = 365  # days


@dataclass(frozen=True)
class TaxTerms:
    """What is taxed, at which rate, and when it is paid.

    Parameters
    ----------
    short_rate, long_rate : fractions of the gain, 0 to 1. long_rate None: the same for all.
    pay_on : month and day of the year after, such as "04-15".
    method : "fifo" or "average".
    long_after : a gain is long-term where more than so many days have passed since the purchase; a short's is
        always short-term.
    allowance : money a year that is not taxed; what is not used of it is lost.
    carry_losses : True if a year's loss is set against the gains of later ones, without end.

    Raises
    ------
    SpecError
        One sentence, if a number is out of its bounds, the method not known or the day none of every year.
    """

    short_rate: float
    pay_on: str
    long_rate: float | None = None
    method: str = "fifo"
    long_after: int = A_YEAR
    allowance: float = 0.0
    carry_losses: bool = False

    def __post_init__(self) -> None:
        for name in ("short_rate", "long_rate"):
            rate = getattr(self, name)
            if rate is not None and not 0.0 <= rate <= 1.0:
                raise SpecError(f"tax.{name} is {rate:g}; it must be between 0 and 1, a fraction of the gain")
        if not 0.0 <= self.allowance < math.inf:
            raise SpecError(f"tax.allowance is {self.allowance:g}; it must be 0 or more, in money a year")
        if self.long_after < 0:
            raise SpecError(f"tax.long_after is {self.long_after}; it must be 0 days or more")
        if self.method not in METHODS:
            raise SpecError(f"tax.method is {self.method!r}; it must be {' or '.join(map(repr, METHODS))}")
        try:
            self.paid_for(2001)
        except ValueError:
            raise SpecError(
                f"tax.pay_on is {self.pay_on!r}; it must be a month and a day of every year, such as '04-15'"
            ) from None

    def paid_for(self, year: int) -> datetime.date:
        """The day on which the tax on a year's gains is paid."""
        return datetime.datetime.strptime(f"{year + 1}-{self.pay_on}", "%Y-%m-%d").date()


TAX_PRESETS = {
    # A person in the United States with shares of a taxable account. Short-term gains bear the rate of other
    # income: 32 % is assumed, a bracket of 2024 (Rev. Proc. 2023-34: a single person from 191,950 dollars
    # on). Long-term: 15 %, of most people (IRS Topic 409), on what was held for more than a year (26 USC
    # 1222); 365 days, so a day early where there is a leap day. Losses are carried without end (26 USC 1212);
    # the 3,000 dollars a year that other income bears (26 USC 1211) are not modelled, as there is none here,
    # nor are state taxes and the 3.8 % on investment income (26 USC 1411). Due on April 15th (26 USC 6072).
    "us": TaxTerms(short_rate=0.32, long_rate=0.15, pay_on="04-15", carry_losses=True),
    # A person in South Korea with shares listed abroad: 20 % (Income Tax Act, article 104) and a tenth of it
    # as local tax, however long they were held. 2.5 million won a year are free (article 103): 1,850 of an
    # account in dollars is assumed, at 1,350 won; set allowance for another rate or money. A year's losses
    # are set against its gains alone (article 102). First in first out is the rule, and some brokers use the
    # moving average: method = "average". Declared and paid in May (article 110): on its last day.
    "kr": TaxTerms(short_rate=0.22, pay_on="05-31", allowance=1_850.0),
}


class Gain(NamedTuple):
    """What closing a part of one lot has realised, after costs, in money; a loss is negative."""

    day: datetime.date
    size: float  # shares closed, above 0
    amount: float
    is_long_term: bool


@dataclass
class _Lot:
    day: datetime.date
    size: float  # above 0
    basis: float  # a share: what it cost, or what selling it short brought


class Lots:
    """The lots of one instrument, all bought or all sold short."""

    def __init__(self, terms: TaxTerms) -> None:
        self._terms = terms
        self._lots: deque[_Lot] = deque()
        self._sign = 0.0

    @property
    def size(self) -> float:
        """Shares held, negative if short."""
        return self._sign * sum(lot.size for lot in self._lots)

    @property
    def cost(self) -> float:
        """What they cost, or brought, in money."""
        return sum(lot.size * lot.basis for lot in self._lots)

    def trade(self, day: datetime.date, size: float, price: float, costs: float, left: float) -> list[Gain]:
        """Take a fill.

        Parameters
        ----------
        size : shares bought, sold if negative. costs : of the fill, in money.
        left : the position after it; 0 closes the lots to the last bit, another sign opens the other side.
        """
        sign = math.copysign(1.0, size)
        each = price + sign * costs / abs(size)  # a share, costs included
        gains: list[Gain] = []
        opened = abs(size)
        if self._lots and self._sign != sign:
            whole = left == 0.0 or left * size > 0.0
            gains = self._close(day, None if whole else abs(size), each)
            opened = abs(left) if left * size > 0.0 else 0.0
        if opened:
            self._sign = sign
            self._lots.append(_Lot(day, opened, each))
            if self._terms.method == "average" and len(self._lots) > 1:
                mean = self.cost / abs(self.size)
                for lot in self._lots:
                    lot.basis = mean
        return gains

    def _close(self, day: datetime.date, size: float | None, each: float) -> list[Gain]:
        """Close so many shares, all of them if None, the oldest first."""
        gains = []
        asked = rest = math.inf if size is None else size
        while self._lots and (size is None or rest > DUST * asked):
            lot = self._lots[0]
            taken = min(lot.size, rest)
            if lot.size - taken <= DUST * lot.size:
                taken = lot.size
                self._lots.popleft()
            else:
                lot.size -= taken
            rest -= taken
            amount = self._sign * taken * (each - lot.basis)
            late = self._sign > 0 and (day - lot.day).days > self._terms.long_after
            gains.append(Gain(day, taken, amount, late))
        return gains

    def split(self, ratio: float) -> None:
        """Restate in `ratio` new shares for each old one."""
        for lot in self._lots:
            lot.size *= ratio
            lot.basis /= ratio


class Carried(NamedTuple):
    """Losses brought from years before, in money, 0 or more."""

    short: float = 0.0
    long: float = 0.0


class TaxYear(NamedTuple):
    """A year's gains and the tax on them, in money."""

    year: int
    short: float  # net of the year's short-term losses; negative if these are larger
    long: float
    brought: Carried  # losses of years before that are set against them
    taxable: float  # after netting and allowance
    tax: float
    due: datetime.date
    carried: Carried  # losses that are left for the years to come


def tax_of(terms: TaxTerms, year: int, short: float, long: float, brought: Carried) -> TaxYear:
    """The tax on a year's net gains, `short` and `long`, with losses that were `brought` into it."""
    a, b = short - brought.short, long - brought.long
    if a * b < 0.0:
        offset = min(abs(a), abs(b))
        a, b = a - math.copysign(offset, a), b - math.copysign(offset, b)
    carried = Carried(max(-a, 0.0), max(-b, 0.0)) if terms.carry_losses else Carried()
    long_rate = terms.short_rate if terms.long_rate is None else terms.long_rate
    free, taxable, tax = terms.allowance, 0.0, 0.0
    for rate, gain in sorted(((terms.short_rate, a), (long_rate, b)), reverse=True):
        gain = max(gain, 0.0)
        used = min(free, gain)
        free -= used
        taxable += gain - used
        tax += rate * (gain - used)
    return TaxYear(year, short, long, brought, taxable, tax, terms.paid_for(year), carried)


class TaxBook:
    """Lots by instrument, gains by year, and what has fallen due of the tax on them.

    Attributes
    ----------
    years : those whose tax has fallen due, in order.
    """

    def __init__(self, terms: TaxTerms) -> None:
        self.terms = terms
        self.years: list[TaxYear] = []
        self._lots: dict[Hashable, Lots] = {}
        self._gains: dict[int, list[float]] = {}  # by year: short-term, long-term
        self._next: int | None = None  # the first year whose tax has not fallen due

    def trade(
        self, key: Hashable, day: datetime.date, size: float, price: float, costs: float, left: float
    ) -> None:
        """Take a fill of one instrument, as `Lots.trade` does."""
        if self._next is None:
            self._next = day.year
        lots = self._lots.setdefault(key, Lots(self.terms))
        for gain in lots.trade(day, size, price, costs, left):
            self._gains.setdefault(day.year, [0.0, 0.0])[gain.is_long_term] += gain.amount

    def split(self, key: Hashable, ratio: float) -> None:
        """Restate the lots of one instrument."""
        if key in self._lots:
            self._lots[key].split(ratio)

    def fall_due(self, day: datetime.date) -> list[TaxYear]:
        """The years whose tax has fallen due by `day` and had not before, in order."""
        due = [each for each in self.outstanding() if each.due <= day]
        if due:
            self.years += due
            self._next = due[-1].year + 1
        return due

    def outstanding(self) -> list[TaxYear]:
        """The years whose tax has not fallen due, as they are now, up to the last one with a gain or
        loss, which may be in progress."""
        if self._next is None:
            return []
        out: list[TaxYear] = []
        brought = self.years[-1].carried if self.years else Carried()
        for year in range(self._next, max(self._gains, default=self._next - 1) + 1):
            short, long = self._gains.get(year, (0.0, 0.0))
            out.append(tax_of(self.terms, year, short, long, brought))
            brought = out[-1].carried
        return out
