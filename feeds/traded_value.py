"""How much money changed hands in an index source: its own close × volume, session by session.

The source's bars are taken as they come, before dividends are put in: shares changed hands at prices,
not at total returns. A price index has no shares, so its volume × its level is no money.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from feeds.bars import Bars, Floats
from feeds.reading.memory import Source, source_of
from feeds.sources import load_bars
from feeds.total_return import SPLICE
from letf_instruments.tables import rows

PRICE_INDEX, ETF = "price", "etf"


def traded_value(
    name: Source, sessions: np.ndarray, folder: Path | None = None, seed: int = 1
) -> tuple[Floats, list[str]]:
    """Traded value in the source's currency on each session, and what there is to say of it.

    Parameters
    ----------
    name : a source, or a splice of them, as in `total_return_index`, which has checked it before.
    sessions : datetime64[D], shape (m,).

    Returns
    -------
    shape (m,), NaN on sessions without volume; all NaN for a price index. One sentence a source.
    """
    source = source_of(name, "index")
    parts = SPLICE.match(source) if isinstance(source, str) else None
    if parts is not None:
        before, said_before = traded_value(parts["before"], sessions, folder, seed)
        after, said_after = traded_value(parts["after"], sessions, folder, seed)
        return np.where(sessions < np.datetime64(parts["date"], "D"), before, after), said_before + said_after
    bars = load_bars(source, folder, seed)
    kinds = {row["kind"] for row in rows("index_sources") if row["name"].lower() == bars.name.lower()}
    if PRICE_INDEX in kinds:
        said = f"{bars.source}: a price index, whose volume × level is not money, so no trade is compared"
        return np.full(len(sessions), np.nan), [f"{said} with its traded value"]
    said = f"{bars.source}: traded value is its own close × volume"
    more = ", a small part of what its members trade" if ETF in kinds else ", taken for shares at that price"
    return _by_session(bars, sessions), [said + more]


def _by_session(bars: Bars, sessions: np.ndarray) -> Floats:
    days, first = np.unique(bars.sessions, return_index=True)
    value = np.add.reduceat(bars.close * bars.volume, first)
    at = np.minimum(np.searchsorted(days, sessions), len(days) - 1)
    return np.where((days[at] == sessions) & (value[at] > 0.0), value[at], np.nan)
