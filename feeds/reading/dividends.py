"""Whether closes hold dividends already, as Yahoo's history gives them."""

from __future__ import annotations

import numpy as np

from feeds.reading.headings import DIVIDENDS, SPLITS, plain
from feeds.reading.numbers import read_numbers
from feeds.reading.tables import Table
from letf_instruments.tables import rows


def holds_dividends(table: Table, columns: dict[str, str], name: str) -> bool:
    """True if dividends are in the prices, which Yahoo's columns of dividends and splits tell where there is
    no adjusted close beside them.

    A price index has those columns too, with no dividend in them: none is in its prices either.
    """
    known = {plain(c): c for c in table.frame.columns}
    if "adj_close" in columns or DIVIDENDS not in known or SPLITS not in known:
        return False
    paid = bool(np.nan_to_num(read_numbers(table, {"dividends": known[DIVIDENDS]})["dividends"]).any())
    kinds = {row["kind"] for row in rows("index_sources") if row["name"].lower() == name.lower()}
    if not paid and "price" in kinds:
        return False
    table.note(
        "its closes hold dividends already, as its columns Dividends and Stock Splits tell, with no adjusted "
        "close beside them; none are added"
    )
    return True
