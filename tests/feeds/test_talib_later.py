"""backtrader without its TA-Lib module, until a strategy asks for one of its indicators. Each case has a
process of its own, since a module is imported once."""

import subprocess
import sys

import pytest


def printed(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("room", ["analyzers", "engine", "feeds.backtrader_feeds", "runs", "strategies"])
def test_no_room_loads_ta_lib_with_backtrader(room):
    code = f"import sys, {room}, backtrader; print('talib' in sys.modules, 'pandas' in sys.modules)"
    assert printed(code) == "False False"


WAYS = [
    "import backtrader as bt; sma = bt.talib.SMA",
    "import backtrader.talib as ta; sma = ta.SMA",
    "from backtrader.talib import SMA as sma",
    "from backtrader.talib import *; sma = SMA",
    "import backtrader as bt; sma = {name: getattr(bt.talib, name) for name in dir(bt.talib)}['SMA']",
]
SEEN = """
import backtrader
real = backtrader.talib
print(sma.__module__, sma is real.SMA, real is sys.modules[sma.__module__], real.__spec__.name)
"""
NOT_THERE = (
    "from engine import broker; t = broker.bt.talib; print(hasattr(t, 'NOTHING'), hasattr(t, '__path__'))"
)
# All begin where the room has been imported and nothing else has been asked for.
EACH = """
import os, sys
import engine
for code in {codes!r}:
    sys.stdout.flush()
    child = os.fork()
    if not child:
        exec(code, globals())
        sys.stdout.flush()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0, code
"""


@pytest.fixture(scope="module")
def said():
    """What each way of asking prints, in a process that has imported the room alone."""
    codes = [*(f"{way}\n{SEEN}" for way in WAYS), NOT_THERE]
    return dict(zip([*WAYS, NOT_THERE], printed(EACH.format(codes=codes)).splitlines(), strict=True))


@pytest.mark.parametrize("asked", WAYS)
def test_it_is_there_however_it_is_asked_for(said, asked):
    assert said[asked] == "backtrader.talib True True backtrader.talib"


def test_what_it_has_not_is_no_attribute(said):
    assert said[NOT_THERE] == "False False"


def test_one_who_has_loaded_it_keeps_it():
    code = (
        "import sys, backtrader as bt; mine = bt.talib.SMA\n"
        "import engine; print(bt.talib.SMA is mine, sys.modules['backtrader.talib'].__spec__.name)"
    )
    assert printed(code) == "True backtrader.talib"


STRATEGY = """
import letf
import sys
letf.run
import backtrader as bt
assert "talib" not in sys.modules

def crossing(average):
    class Crossing(bt.Strategy):
        def __init__(self):
            self.average = average(self.data.close)
        def next(self):
            if not self.position and self.data.close[0] > self.average[0]:
                self.buy(size=10)
            elif self.position and self.data.close[0] < self.average[0]:
                self.close()
    return Crossing

asked = dict(start="2001-01-01", end="2003-12-31")
ta = letf.run(crossing(lambda close: bt.talib.SMA(close, timeperiod=50)), **asked)
own = letf.run(crossing(lambda close: bt.ind.SMA(close, period=50)), **asked)
assert len(own.trades) > 5
columns = ["entry_date", "entry_price", "exit_date", "exit_price", "profit"]
print(ta.trades[columns].equals(own.trades[columns]))
"""


def test_a_strategy_with_one_of_its_indicators_trades_as_with_backtrader_s_own():
    assert printed(STRATEGY) == "True"
