"""Yahoo's chart service on 127.0.0.1, asked through the real yfinance package; all prices made up.

Of yfinance nothing is replaced but where its requests go (`Session`) and where it keeps its caches.
"""

from __future__ import annotations

import datetime
import json
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import yfinance
from curl_cffi import requests
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response
from yfinance import cache, data

NEW_YORK = ZoneInfo("America/New_York")
CHART = "/v8/finance/chart/"
NOT_FOUND = {"code": "Not Found", "description": "No data found, symbol may be delisted"}


def moment(day: str, clock: str = "09:30") -> int:
    """Unix seconds of a New York date and time of day."""
    return int(datetime.datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=NEW_YORK).timestamp())


def sessions(n: int, first: str = "2024-03-04") -> list[str]:
    """n weekdays from a Monday without a holiday for 18 sessions on."""
    return [str(d) for d in np.busday_offset(first, np.arange(n), roll="forward")]


@dataclass
class Chart:
    """What is known of a symbol; prices as Yahoo has them, split-adjusted.

    Parameters
    ----------
    closes : of each day; the open is 1 % below, high and low 2 % beyond. None for a row of nulls.
    splits : (numerator, denominator) by day. dividends : amount by day.
    clock : New York's time of the last trade on the last day; the session lasts until 16:00.
    hours : whether the trading hours are told.
    """

    days: list[str]
    closes: list[float | None]
    adjusted: list[float | None] | None = None
    volumes: list[int] | None = None
    splits: dict[str, tuple[int, int]] = field(default_factory=dict)
    dividends: dict[str, float] = field(default_factory=dict)
    clock: str = "16:00"
    hours: bool = True

    def answer(self, symbol: str, first: int, last: int) -> dict[str, Any]:
        """The JSON for the rows from `first` to before `last`, unix seconds."""
        stamps = [moment(day) for day in self.days]
        if self.clock < "16:00":  # then the last row bears the time of the last trade
            stamps[-1] = moment(self.days[-1], self.clock)
        at = [i for i, stamp in enumerate(stamps) if first <= stamp < last]
        meta = {
            "currency": "USD",
            "symbol": symbol,
            "instrumentType": "ETF",
            "exchangeTimezoneName": "America/New_York",
            "regularMarketTime": moment(self.days[-1], self.clock),
            "currentTradingPeriod": {
                name: {
                    "timezone": "EDT",
                    "gmtoffset": -14400,
                    "start": moment(self.days[-1], begin),
                    "end": moment(self.days[-1], end),
                }
                for name, begin, end in (
                    ("pre", "04:00", "09:30"),
                    ("regular", "09:30", "16:00"),
                    ("post", "16:00", "20:00"),
                )
            },
            "priceHint": 2,
            "dataGranularity": "1d",
            "range": "",
            "validRanges": ["1d", "5d", "1mo", "max"],
        }
        if not self.hours:
            del meta["currentTradingPeriod"]
        result: dict[str, Any] = {"meta": meta, "indicators": {"quote": [{}], "adjclose": [{}]}}
        if at:
            closes = [self.closes[i] for i in at]
            scaled = {"open": 0.99, "high": 1.02, "low": 0.97, "close": 1.0}
            quote = {c: [None if x is None else x * by for x in closes] for c, by in scaled.items()}
            volumes = self.volumes or [1000 + i for i in range(len(self.days))]
            quote["volume"] = [None if self.closes[i] is None else volumes[i] for i in at]
            result["timestamp"] = [stamps[i] for i in at]
            result["indicators"]["quote"] = [quote]
            adjusted = self.closes if self.adjusted is None else self.adjusted
            result["indicators"]["adjclose"] = [{"adjclose": [adjusted[i] for i in at]}]
        events: dict[str, Any] = {"dividends": {}, "splits": {}}
        for day, amount in self.dividends.items():
            if first <= moment(day) < last:
                events["dividends"][str(moment(day))] = {"amount": amount, "date": moment(day)}
        for day, (numerator, denominator) in self.splits.items():
            if first <= moment(day) < last:
                events["splits"][str(moment(day))] = {
                    "date": moment(day),
                    "numerator": numerator,
                    "denominator": denominator,
                    "splitRatio": f"{numerator}:{denominator}",
                }
        result["events"] = {kind: found for kind, found in events.items() if found}
        return {"chart": {"result": [result], "error": None}}


class Session(requests.Session):
    """yfinance's own kind of session, whose requests to Yahoo's hosts go to `home`."""

    home: str

    def request(self, method: Any, url: str, *args: Any, **kwargs: Any) -> Any:
        parts = urlsplit(url)
        assert parts.hostname is not None
        assert parts.hostname.endswith(".yahoo.com"), url
        return super().request(method, f"{self.home}{parts.path}", *args, **kwargs)


class Service:
    """The server: charts by symbol, what it answers instead for a while, and what it was asked."""

    def __init__(self, server: HTTPServer, session: Session) -> None:
        self.charts: dict[str, Chart] = {}
        self.instead: list[Response] = []
        self.always: Response | None = None
        self.asked: list[dict[str, str]] = []
        self.server, self.session = server, session
        session.home = server.url_for("").rstrip("/")
        server.expect_request("/").respond_with_data("", 404)  # fc.yahoo.com, for a cookie alone
        server.expect_request("/consent").respond_with_data("", 404)
        server.expect_request("/v1/test/getcrumb").respond_with_data("crumb")
        nothing = {"quoteSummary": {"result": None, "error": NOT_FOUND}}
        server.expect_request(re.compile("^/v10/finance/quoteSummary/.*")).respond_with_json(nothing, 404)
        server.expect_request("/v7/finance/quote").respond_with_json(nothing, 404)
        server.expect_request(re.compile(f"^{CHART}.*")).respond_with_handler(self._chart)

    def serve(self, symbol: str, days: list[str], closes: Sequence[float | None], **known: Any) -> Chart:
        """Know a symbol from now on."""
        self.charts[symbol] = Chart(days, list(closes), **known)
        return self.charts[symbol]

    def busy(self, times: int) -> None:
        """Answer 429 to so many questions; yfinance itself asks each of them twice."""
        self.instead += [Response("Too Many Requests\r\n", 429) for _ in range(2 * times)]

    def unplug(self) -> None:
        """Send requests to a port at which nobody listens."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.session.home = f"http://127.0.0.1:{free.getsockname()[1]}"

    @property
    def histories(self) -> list[dict[str, str]]:
        """The questions for prices, without those for a time zone alone."""
        return [asked for asked in self.asked if "period1" in asked]

    def _chart(self, request: Request) -> Response:
        symbol = request.path.removeprefix(CHART)
        self.asked.append({"symbol": symbol, **request.args})
        if self.instead:
            return self.instead.pop(0)
        if self.always is not None:
            return self.always
        if symbol not in self.charts:
            return _json(json.dumps({"chart": {"result": None, "error": NOT_FOUND}}), 404)
        first = int(request.args.get("period1", 0))
        last = int(request.args.get("period2", 2**40))
        return _json(json.dumps(self.charts[symbol].answer(symbol, first, last)), 200)


def _json(text: str, status: int) -> Response:
    return Response(text, status, content_type="application/json;charset=utf-8")


def stand_up(server: HTTPServer, folder: Path, patch: pytest.MonkeyPatch) -> Service:
    """The service, with yfinance as in a fresh process: no session, caches in `folder`."""
    session = Session(impersonate="chrome")
    patch.setattr(data.SingletonMeta, "_instances", {})
    for manager, kept in (
        (cache._TzCacheManager, "_tz_cache"),
        (cache._CookieCacheManager, "_Cookie_cache"),
        (cache._ISINCacheManager, "_isin_cache"),
    ):
        patch.setattr(manager, kept, None)
    for manager in (cache._TzDBManager, cache._CookieDBManager, cache._ISINDBManager):
        patch.setattr(manager, "_cache_dir", manager._cache_dir)
        patch.setattr(manager, "_db", None)
    yfinance.set_tz_cache_location(str(folder))
    data.YfData.cache_get.cache_clear()
    data.YfData(session=session)
    return Service(server, session)
