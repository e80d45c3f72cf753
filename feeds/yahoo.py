"""Fetching daily bars from Yahoo Finance into the data folder, through the yfinance package."""

from __future__ import annotations

import logging
import os
import tempfile
import warnings
from pathlib import Path

from feeds.bars import Bars
from feeds.reading.files import read_bars
from letf_instruments import DataError

# Yahoo writes indexes with a caret.
SYMBOLS = {"SOX": "^SOX", "VIX": "^VIX", "IXIC": "^IXIC", "NDX": "^NDX", "GSPC": "^GSPC", "SPX": "^GSPC"}


def fetch(name: str, folder: Path) -> tuple[Path, Bars]:
    """Fetch one ticker's whole history, check it, and write FOLDER/NAME.csv whole or not at all.

    Raises
    ------
    DataError
        Without the yfinance package, without a network, for an unknown ticker, or if what came is refused.
    """
    try:
        import yfinance
    except ImportError:
        raise DataError(
            "fetching data needs the yfinance package: install it with  pip install 'letf-lab[yahoo]'"
        ) from None
    name = name.upper().lstrip("^")
    if not name or Path(name).name != name or name.startswith("."):
        raise DataError(f"{name!r} is not a ticker")
    symbol = SYMBOLS.get(name, name)
    logging.getLogger("yfinance").setLevel(logging.CRITICAL + 1)  # its complaints become one sentence below
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame = yfinance.download(
                symbol, period="max", auto_adjust=False, progress=False, multi_level_index=False
            )
    except Exception as error:
        raise DataError(
            f"Yahoo could not be reached for {symbol} ({type(error).__name__}); check the network, "
            f"or put a CSV named {name}.csv into {folder}"
        ) from None
    if frame is None or len(frame) == 0:
        raise DataError(
            f"Yahoo gave nothing for {symbol}: no network, or no such ticker; "
            f"a CSV named {name}.csv in {folder} does as well"
        )
    folder.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(suffix=".csv", prefix=f".{name}-", dir=folder)
    os.close(handle)
    try:
        frame.to_csv(partial, index_label="Date", date_format="%Y-%m-%d")
        bars = read_bars(Path(partial), name)
        final = folder / f"{name}.csv"
        os.chmod(partial, 0o644)
        os.replace(partial, final)
    finally:
        if os.path.exists(partial):
            os.unlink(partial)
    return final, bars
