"""A backtrader feed whose bars exist as arrays, and how backtrader counts days."""

from __future__ import annotations

import array
from typing import Any

import backtrader as bt
import numpy as np

from feeds.coupled_lines import Place
from feeds.periods import EPOCH

DAY = np.timedelta64(1, "D") / np.timedelta64(1, "us")


def to_number(stamps: np.ndarray) -> np.ndarray:
    """datetime64 → backtrader's day number (float)."""
    return stamps.astype("datetime64[us]").astype(np.int64) / DAY + EPOCH


def to_stamp(numbers: np.ndarray) -> np.ndarray:
    """backtrader's day number → datetime64[us], to the millisecond that a float day can hold."""
    millis = np.round((np.asarray(numbers) - EPOCH) * 86_400_000).astype(np.int64)
    return millis.astype("datetime64[ms]").astype("datetime64[us]")


class ArrayFeed(bt.feed.DataBase):
    """A feed whose bars exist as arrays: it fills its lines at once and advances without `tick_*`.

    backtrader copies each bar into `tick_*` attributes on every advance, for feeds that are replayed
    from smaller bars. Brokers fall back to the bar itself where they are absent, so only a feed that
    is replayed or resampled pays for them.
    """

    _filled = False  # True once the lines hold all bars

    def __init__(self) -> None:
        super().__init__()
        self._place = Place()  # of the lines, once they have been filled at once
        for alias in self.getlinealiases():
            setattr(self, alias, getattr(self.lines, alias))  # spares a failed look-up on each access

    def __len__(self) -> int:
        place = self._place
        return place.count if place.lines else super().__len__()

    def _columns(self) -> list[np.ndarray] | None:
        """All values in the order of the lines, or None if they must be loaded bar by bar."""
        raise NotImplementedError

    def _is_plain(self) -> bool:
        """True if nothing stands between the arrays and the lines (filters, dates, time zones)."""
        return not (
            self._filters
            or self.resampling
            or self.replaying
            or self._tz is not None
            or self.p.tzinput is not None
            or self.p.fromdate is not None
            or self.p.todate is not None
            or any(line.extension or line.mode != line.UnBounded for line in self.lines)
        )

    def preload(self) -> None:
        columns = self._columns() if self._is_plain() else None
        if columns is None:
            super().preload()
            return
        for line, values in zip(self.lines, columns, strict=True):
            line.array = array.array("d", np.ascontiguousarray(values, dtype=np.float64).tobytes())
        self._filled = True
        self.home()

    def home(self) -> None:
        if not self._place.go_home():
            super().home()
            if self._filled:
                self._place.couple(self.lines)

    def start(self) -> None:
        super().start()
        self._filled = False

    def advance(self, size: int = 1, datamaster: Any = None, ticks: bool = True) -> None:
        place = self._place
        if datamaster is None and place.lines:
            place.index += size
            place.count += size
        else:
            super().advance(size, datamaster, ticks)

    def _tick_nullify(self) -> None:
        if self.replaying or self.resampling:
            super()._tick_nullify()

    def _tick_fill(self, force: bool = False) -> None:
        if self.replaying or self.resampling:
            super()._tick_fill(force)
