"""What the next close would decide: levels solved by hand, and the run on a bar that is really added."""

import datetime
from dataclasses import replace

import numpy as np
import pytest

from analyzers import FillLog
from runs.backtest.event_driven import run_lab
from runs.specs.reading import load_spec
from runs.studies.today import words
from runs.studies.today.study import today
from strategies import AllocationRule, OptionRule
from tests.runs.studies.today.recorded import NOW, Sent, recorded, some_bars

PROTECTIVE = ("stop", "target", "trailing stop")


def said_of(name, day, *changes, **kwargs):
    return today(load_spec(name, list(changes)), as_of=datetime.date.fromisoformat(day), now=NOW, **kwargs)


def wilder(close, period):
    """Average gain and loss after the last close: the mean of the first moves, then smoothed."""
    moves = np.diff(close)
    gain, loss = np.maximum(moves, 0), np.maximum(-moves, 0)
    up, down = gain[:period].mean(), loss[:period].mean()
    for one, other in zip(gain[period:], loss[period:], strict=True):
        up, down = ((period - 1) * up + one) / period, ((period - 1) * down + other) / period
    return up, down


def test_the_close_at_which_the_rsi_reaches_a_level_is_that_of_its_formula():
    said = said_of("rsi_timing", "2018-09-11")
    close = said.setting.bars.close
    assert said.setting.history is None
    up, down = wilder(close, 14)
    # A fall of d: RSI = 100 · 13·up / (13·up + 13·down + d) = 35.
    fall = 13 * up * (1 - 0.35) / 0.35 - 13 * down
    (oversold,) = [state for state in said.states if state.condition.kind == "exit"]
    ((low, high),) = words.holds_at(said, oversold)
    assert low is None
    assert high == pytest.approx(close[-1] - fall, rel=1e-7)
    assert oversold.measured[0][1] == pytest.approx(100 * up / (up + down))


def test_the_close_below_its_average_is_solved_too():
    said = said_of("rsi_timing", "2018-09-11")
    (average,) = [state for state in said.states if "average" in state.condition.key]
    ((low, high),) = words.holds_at(said, average)
    # x below (the nine closes before and x) / 10.
    assert high == pytest.approx(said.setting.bars.close[-9:].sum() / 9, rel=1e-7)
    assert low is None


def test_a_stop_s_place_on_the_index_is_where_three_times_the_move_takes_the_fund():
    said = said_of("rsi_timing", "2018-09-11")
    (stop,) = [order for order in said.standing if order.reason == "stop"]
    (last,) = [s for s in words.decided(said) if s.outlook.does == "stop sells SOXS"]
    # The fund is at the stop after an index move of a third of the fall, but for a day's carry.
    assert last.high is None
    assert last.low - 1 == pytest.approx(-stop.move / 3, abs=3e-4)


def test_a_band_is_left_where_the_weight_has_drifted_so_far():
    said = said_of("mix", "2011-08-10")
    weight = said.weights[0].actual
    edges = [s.low for s in words.decided(said)[1:]]
    for edge, drift in zip(edges, (-0.05, 0.05), strict=True):
        aim = 0.3333 + drift
        move = aim * (1 - weight) / (weight * (1 - aim)) - 1  # of the fund: w(1+f) / (1 + w·f) = aim
        assert edge - 1 == pytest.approx(move / 3, abs=3e-4)


def test_a_rule_of_one_s_own_says_nothing_and_is_asked_all_the_same(tmp_path):
    (tmp_path / "own.py").write_text(
        "import numpy as np\nfrom strategies import RuleParams, Signals, TradeRule\n\n"
        "class Own(TradeRule):\n    name = 'own'\n    summary = 'x'\n    Params = RuleParams\n"
        "    default_instrument = 'SOXL'\n\n    def signals(self, market):\n"
        "        close = market.index.close\n"
        "        high = np.r_[False, close[1:] > 1.03 * close[:-1]]\n"
        "        return Signals(entry={'up 3 %': high}, exit={'no': ~high})\n"
    )
    (tmp_path / "own.toml").write_text('strategy = "own.py:Own"\n[data]\nend = 2003-12-31\n')
    said = today(load_spec(tmp_path / "own.toml"), as_of=datetime.date(2003, 12, 30), now=NOW)
    assert [(s.low, s.outlook.does) for s in words.decided(said)] == [
        (None, "nothing"),
        (pytest.approx(1.03, rel=1e-7), "buy SOXL"),
    ]
    assert [state.measured for state in said.states] == [(), ()]


def longer(setting, n, move):
    """A market of n real bars and the bar to come, with the date of the one that came."""
    bars = setting.bars.first(n + 1)
    last = float(bars.close[n - 1])
    bar = {
        "open": last,
        "high": last * max(1, move),
        "low": last * min(1, move),
        "close": last * move,
        "volume": bars.volume[n - 1],
        "dividends": 0.0,
        "swapped": None if bars.swapped is None else bars.swapped[n - 1],
    }
    columns = {
        name: np.append(getattr(bars, name)[:n], value)
        for name, value in bar.items()
        if getattr(bars, name) is not None
    }
    return replace(setting.first(n + 1), bars=replace(bars, **columns))


def done(spec, setting):
    """What a run sent after its last bar and its plan filled on it, in the words of an outlook."""
    rule = spec.make_rule()
    _, strategy = run_lab(spec, setting, rule, (Sent, FillLog))
    sent, log = list(strategy.analyzers)[-2:]
    n = len(setting.bars) - 1
    met = [f"{f.reason} sells {f.instrument}" for f in log.fills if f.bar == n and f.reason in PROTECTIVE]
    orders = [order for order in sent.sent.get(n, []) if order[4] not in PROTECTIVE]
    if isinstance(rule, OptionRule):
        if not orders:
            return "nothing"
        return f"buy {rule.plan.kind}s" if orders[0][1] == "buy" else f"sell the options: {orders[0][4]}"
    if isinstance(rule, AllocationRule):
        return ", ".join(f"{side} {name}: {why}" for name, side, _, _, why in orders) or "nothing"
    met += [f"buy {o[0]}" if o[1] == "buy" else f"sell {o[0]}: {o[4]}" for o in orders]
    return ", then ".join(met) or "nothing"


@pytest.mark.parametrize(
    "name",
    [
        "rsi_timing",
        "timing_confirmed",
        "pullback",
        "dip",
        "trend",
        "hedge",
        "mix",
        "event_options",
    ],
)
def test_what_it_says_of_a_next_close_the_run_does_there(name):
    spec = load_spec(name, ["data.end=2002-12-31"])
    run = recorded(spec)
    looked = 0
    for bar in some_bars(run, 2, seed=11):
        said = today(
            run.spec,
            market=(run.spec, run.setting),
            as_of=run.setting.bars.sessions[bar].item(),
            now=NOW,
        )
        for stretch in words.decided(said):
            low, high = stretch.low or 0.8, stretch.high or 1.2
            if high - low < 0.002:
                continue  # costs, which it leaves out, move a level by less than that
            for part in (0.1, 0.9):
                setting = longer(run.setting, bar + 1, low + part * (high - low))
                assert done(run.spec, setting) == stretch.outlook.does, (bar, stretch, part)
                looked += 1
    assert looked >= 4
