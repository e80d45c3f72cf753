"""What Yahoo Finance answers: daily bars of whole sessions, asked through the yfinance package.

Prices are adjusted for splits, and the adjusted close for dividends too, as Yahoo has them today: a split or
a dividend changes what it says of all the days before.
"""

from __future__ import annotations

import datetime
import json
import logging
import re
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from feeds.reading.mended import MOST_EMPTY
from feeds.reading.tables import counted
from letf_instruments import DataError

if TYPE_CHECKING:
    import pandas as pd

# Yahoo writes indexes with a caret.
SYMBOLS = {"SOX": "^SOX", "VIX": "^VIX", "IXIC": "^IXIC", "NDX": "^NDX", "GSPC": "^GSPC", "SPX": "^GSPC"}
TICKER = re.compile(r"\^?[A-Z0-9][A-Z0-9.=-]{0,19}")  # SOXL, ^SOX, BRK-B, VOD.L, EURUSD=X
WITHIN = ["Open", "High", "Low", "Close"]
COLUMNS = [*WITHIN, "Adj Close", "Volume"]

WAITS = (5, 15, 45)  # seconds before asking again, where Yahoo was asked too often
PATIENCE = 30  # seconds for an answer
# Some exchanges are quoted with a delay, and what is seldom traded has no trade at the close: until this long
# after it, a session is over only if Yahoo's last trade is at the close.
DELAY = datetime.timedelta(hours=1)


def name_and_symbol(given: str) -> tuple[str, str]:
    """What a ticker's file is called, and what Yahoo calls the ticker.

    Raises
    ------
    DataError
        If it can be no ticker, and so if it would lead out of the data folder.
    """
    ticker = given.upper() if isinstance(given, str) else ""
    if not TICKER.fullmatch(ticker):
        raise DataError(f"{given!r} is not a ticker; tickers are like SOXL, ^SOX, BRK-B or VOD.L")
    return ticker.lstrip("^"), SYMBOLS.get(ticker, ticker)


@dataclass(frozen=True, eq=False)
class Answer:
    """Whole sessions, oldest first.

    Parameters
    ----------
    frame : `COLUMNS` by date, at midnight without a zone. notes : what was left out, a sentence each.
    splits : new shares for an old one, by date. dividends : dollars a share, by date. Both also of a session
        that was left out.
    """

    frame: pd.DataFrame
    notes: tuple[str, ...]
    splits: pd.Series
    dividends: pd.Series


class Yahoo:
    """Yahoo Finance, asked politely.

    Parameters
    ----------
    say : called with words on what goes on. wait : called with seconds, before it is asked again.
    clock : the time now, in unix seconds.
    """

    def __init__(
        self,
        say: Callable[[str], object] = lambda words: None,
        wait: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.say, self.wait, self.clock = say, wait, clock
        self._waits = WAITS

    def daily(self, symbol: str, start: datetime.date | None = None) -> Answer:
        """The whole sessions of a symbol, from `start` on or all of them.

        Raises
        ------
        DataError
            One sentence: without the package or a network, for an unknown symbol, if Yahoo was asked too
            often, or if it answers anything but prices.
        """
        try:
            from yfinance.exceptions import YFRateLimitError
        except ImportError:
            raise DataError(
                "fetching data needs the yfinance package: install it with  pip install 'letf-lab[yahoo]'"
            ) from None
        # After one symbol was refused to the end, the next is asked once: they would all wait in vain.
        waits, self._waits = self._waits, ()
        for turn, seconds in enumerate((*waits, None), 1):
            try:
                frame, known = _history(symbol, start)
                break
            except YFRateLimitError:
                if seconds is None:
                    asked = f"asked {turn} times in {sum(waits):g} s, it" if waits else "it"
                    raise DataError(
                        f"Yahoo gives no prices of {symbol} for now: {asked} answers that there were too "
                        "many requests from here (429); try again later"
                    ) from None
                self.say(
                    f"{symbol}: too many requests, says Yahoo; again in {seconds} s, {turn} of {len(waits)}"
                )
                self.wait(seconds)
            except Exception as error:
                self._waits = waits
                raise _as_sentence(error, symbol, start) from None
        self._waits = WAITS
        return _answer(frame, known, symbol, start is None, self.clock())


def _history(symbol: str, start: datetime.date | None) -> tuple[pd.DataFrame, Mapping[str, Any]]:
    """Yahoo's rows and what it says of the symbol. Raises whatever yfinance raises."""
    import yfinance
    from yfinance.data import YfData

    when: dict[str, Any] = {"period": "max"} if start is None else {"start": start.isoformat()}
    with _outspoken(yfinance):
        try:
            ticker = yfinance.Ticker(symbol)
            frame = ticker.history(**when, auto_adjust=False, actions=True, keepna=True, timeout=PATIENCE)
            return frame, ticker.get_history_metadata()
        except Exception:
            # It keeps what it was told about a symbol's time zone until the process ends, errors too.
            YfData.cache_get.cache_clear()
            raise


@contextmanager
def _outspoken(yfinance: Any) -> Iterator[None]:
    """Let yfinance raise its errors, and log nothing."""
    logger = logging.getLogger("yfinance")
    level, hidden = logger.level, yfinance.config.debug.hide_exceptions
    logger.setLevel(logging.CRITICAL + 1)
    yfinance.config.debug.hide_exceptions = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
        yfinance.config.debug.hide_exceptions = hidden


def _as_sentence(error: Exception, symbol: str, start: datetime.date | None) -> DataError:
    """What went wrong, for a person to mend."""
    from yfinance.exceptions import YFPricesMissingError, YFTickerMissingError

    status = getattr(getattr(error, "response", None), "status_code", None)
    since = f" since {start}" if start else ""
    if isinstance(error, YFPricesMissingError) and not error.yahoo_reason:
        return DataError(f"Yahoo answered for {symbol} without any prices{since}; try again later")
    if isinstance(error, YFTickerMissingError) or status == 404:
        why = getattr(error, "yahoo_reason", None) or "there is no such ticker, or no longer"
        return DataError(f"Yahoo has no prices of {symbol}{since}: {why}")
    kind = f"{type(error).__name__}{f' {status}' if status else ''}"
    if isinstance(error, OSError) and not isinstance(error, json.JSONDecodeError) and not status:
        return DataError(f"Yahoo could not be reached for {symbol} ({kind}); check the network")
    return DataError(
        f"what Yahoo answered for {symbol} is no table of prices ({kind}); it may be down, or something "
        "stands between it and you: try again later"
    )


def _answer(frame: pd.DataFrame, known: Mapping[str, Any], symbol: str, whole: bool, now: float) -> Answer:
    """The rows that are whole sessions; what is left out is said.

    Raises
    ------
    DataError
        If there are none, or of a whole history more than one in twenty has no price.
    """
    events = {name: frame[name][frame[name] != 0].tz_localize(None) for name in ("Stock Splits", "Dividends")}
    notes = []
    if len(frame):
        last = frame.index[-1]
        if _goes_on(last, known, now):
            notes.append(f"{symbol}: the session of {last.date()} is not over, and is left out")
            frame = frame.iloc[:-1]
        elif frame[WITHIN].iloc[-1].isna().any() and frame[WITHIN].iloc[-1].notna().any():
            notes.append(f"{symbol}: the last row, of {last.date()}, lacks a price and is left out")
            frame = frame.iloc[:-1]
    empty = frame[WITHIN].isna().all(axis=1)
    if empty.any():
        days = frame.index[empty]
        rows = f"{counted(len(days), 'row')} without any price"
        if whole and len(days) > max(1, MOST_EMPTY * len(frame)):
            raise DataError(f"Yahoo's history of {symbol} has {rows} among {len(frame):,}; that is too many")
        notes.append(f"{symbol}: {rows} left out, {'first' if len(days) > 1 else 'on'} {days[0].date()}")
        frame = frame[~empty]
    if not len(frame):
        raise DataError(f"Yahoo has no whole session of {symbol}")
    return Answer(frame[COLUMNS].tz_localize(None), tuple(notes), events["Stock Splits"], events["Dividends"])


def _goes_on(last: pd.Timestamp, known: Mapping[str, Any], now: float) -> bool:
    """True if the session of the last row is not over, by what Yahoo says of the symbol's trading hours."""
    import pandas as pd

    moment = pd.Timestamp(now, unit="s", tz="UTC")
    hours = (known.get("currentTradingPeriod") or {}).get("regular") or {}
    begin, end, traded = hours.get("start"), hours.get("end"), known.get("regularMarketTime")
    if not all(isinstance(each, pd.Timestamp) for each in (begin, end, traded)):
        # Nothing is known of the hours: the day must be over.
        return bool(last.date() >= moment.tz_convert(last.tz).date())
    return bool(last.date() >= begin.date() and traded < end and moment < end + DELAY)
