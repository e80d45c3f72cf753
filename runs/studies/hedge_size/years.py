"""What a hedge would have made and cost in each calendar year, traded back monthly or never."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from feeds.bars import Floats
from letf_instruments import period_ends
from letf_instruments.sessions import last_of_each
from runs.studies.hedge_size.inputs import Hedged
from runs.studies.rules.hedge.measures import beta, effectiveness

WAYS = ("monthly", "never")


@dataclass(frozen=True, eq=False)
class Year:
    """A calendar year, begun at its first close with the holding and the hedge of today; dollars.

    index, held : returns of the index and of what is held, fractions. promised : what a hedge held at its
    size at every close would have made of the index's moves. profit : of the hedge, by way of trading it,
    trading costs taken off. costs : these. whole : False for a year that the data have a part of.
    """

    label: str
    first: np.datetime64
    last: np.datetime64
    whole: bool
    index: float
    held: float
    promised: float
    profit: Mapping[str, float]
    costs: Mapping[str, float]

    def cost(self, way: str) -> float:
        """What the hedge cost beyond doing its job, positive: what it promised less what it made."""
        return self.promised - self.profit[way]


def calendar_years(
    data: Hedged, hedge: float, cost_bps: float
) -> tuple[list[Year], tuple[float | None, float | None]]:
    """What the hedge would have made and cost in each calendar year, and the realised beta and effectiveness
    of holding and hedge together, traded back monthly, over all of them.

    Each year begins anew at the last close of the year before, with today's dollars of each name and of the
    fund. Traded back monthly, the hedge is brought to its dollars for each dollar held at every month's last
    close; buying it at the year's start is not charged, what is traded later is.
    """
    days, index, nav = data.inputs.bars.sessions, data.inputs.bars.close, data.ledger.held()
    label = days.astype("datetime64[Y]")
    ends = np.flatnonzero(last_of_each(label))
    starts = np.concatenate(([0], ends[:-1]))
    over = set(period_ends(days, "Y").tolist())
    months = last_of_each(days.astype("datetime64[M]"))
    years: list[Year] = []
    alone, together, moves = [], [], []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        if end <= start or nav[start] == 0.0:
            continue
        part = slice(start, end + 1)
        held = np.sum([data.held[name] * v[part] / v[start] for name, v in data.values.items()], axis=0)
        fund, market = nav[part] / nav[start], index[part] / index[start]
        step = market[1:] / market[:-1] - 1.0
        ratio = hedge / data.total
        promised = float((data.inputs.fund.multiple * ratio * held[:-1] * step).sum())
        monthly = _course(held, fund, ratio, months[part], cost_bps)
        never = _course(held, fund, ratio, np.zeros(len(held), dtype=bool), cost_bps)
        years.append(
            Year(
                label=str(label[end]),
                first=days[start],
                last=days[end],
                whole=start in over and end in over,
                index=float(market[-1] - 1.0),
                held=float(held[-1] / held[0] - 1.0),
                promised=promised,
                profit={"monthly": float(monthly[0].sum()), "never": float(never[0].sum())},
                costs={"monthly": monthly[1], "never": never[1]},
            )
        )
        alone.append(np.diff(held) / held[:-1])
        together.append((np.diff(held) + monthly[0]) / held[:-1])
        moves.append(step)
    if not years:
        return years, (None, None)
    unhedged, hedged, x = (np.concatenate(parts) for parts in (alone, together, moves))
    return years, (beta(hedged, x), effectiveness(hedged, unhedged))


def _course(
    held: Floats, fund: Floats, ratio: float, trades: np.ndarray, cost_bps: float
) -> tuple[Floats, float]:
    """Daily profit of a hedge in dollars, shape (n − 1,), trading costs taken off on the day of the trade;
    and these costs. It is brought back to `ratio` dollars a dollar held at the closes in `trades`; not at the
    last, after which it is looked at no more."""
    profit = np.zeros(len(held) - 1)
    money, paid = ratio * held[0], 0.0
    for t in range(1, len(held)):
        grown = money * fund[t] / fund[t - 1] if fund[t - 1] > 0.0 else 0.0
        profit[t - 1] = grown - money
        money = grown
        if trades[t] and t < len(held) - 1 and fund[t] > 0.0:
            cost = abs(ratio * held[t] - money) * cost_bps * 1e-4
            profit[t - 1] -= cost
            paid += cost
            money = ratio * held[t]
    return profit, paid
