"""Two runs whose pages are read: a rule of trades, and one of weights."""

import pytest

import letf
from tests.runs.backtest.report.pictures import END


@pytest.fixture(scope="session")
def timing():
    return letf.run("rsi_timing", index="nasdaq", **END)


@pytest.fixture(scope="session")
def trend():
    return letf.run("trend", index="nasdaq", **END)
