"""From the rows that the compiled loops wrote to what came out of the cells: what was put in, what it made,
and which cells had not the cash for a withdrawal."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from engine.cash import more_than_cash
from engine.kernel.figures import MEASURES, MONEY_MEASURES, ROW, RUINED_ON
from engine.kernel.stage import Floats, Ints, Stage, Terms
from engine.kernel.tape import DONE, SHORT_OF_CASH
from letf_instruments.payments import money_weighted

FINAL = MEASURES.index("final_equity")


@dataclass(frozen=True, eq=False)
class KernelRuns:
    """What came out of some cells.

    metrics : shape (cells, len(MEASURES)), NaN where a measure is not defined.
    done : shape (cells,); False where a bar's volume bounds an order, which only the broker works out.
    money : shape (cells, len(MONEY_MEASURES)), likewise; None without deposits.
    marks : by the close of each session that was marked the sum of the daily returns over the short rate so
        far, and that of their squares, shape (cells, 2, marks); NaN of a cell that is not done.
    refused : by position, why there is nothing of a cell.
    """

    metrics: Floats
    done: np.ndarray
    marks: Floats
    money: Floats | None = None
    refused: dict[int, str] = field(default_factory=dict)


def finished(stage: Stage, terms: Terms, out: Floats, ended: Ints) -> KernelRuns:
    """What came out of cells.

    Parameters
    ----------
    out : the rows that the loops wrote, shape (cells, ROW + 2 × marks). ended : how each cell ended, shape
        (cells,).
    """
    short = np.flatnonzero(ended == SHORT_OF_CASH)
    marks = out[:, ROW:].reshape(len(out), 2, (out.shape[1] - ROW) // 2)
    marks[ended != DONE] = np.nan
    if terms.deposits is None:
        return KernelRuns(out[:, : len(MEASURES)], ended == DONE, marks)
    paid, _ = stage.paid(terms.deposits)
    refused = {}
    for cell in short.tolist():
        bar = int(out[cell, 0])
        day = np.datetime64(int(stage.days[bar]), "D")
        refused[cell] = more_than_cash(day, -float(paid[bar]), float(out[cell, 1]))
        out[cell] = np.nan
    money = np.full((len(out), len(MONEY_MEASURES)), np.nan)
    at = np.flatnonzero(paid)
    days = stage.days.astype("datetime64[D]")
    for cell in np.flatnonzero(ended == DONE).tolist():
        credited = at[at <= out[cell, RUINED_ON]]
        amounts, final = paid[credited], float(out[cell, FINAL])
        put_in = terms.cash + float(amounts.sum())
        rate = money_weighted(days[0], days[-1], terms.cash, days[credited], amounts, final)
        money[cell] = put_in, final - put_in, np.nan if rate is None else rate
    return KernelRuns(
        out[:, : len(MEASURES)], (ended == DONE) | (ended == SHORT_OF_CASH), marks, money, refused
    )
