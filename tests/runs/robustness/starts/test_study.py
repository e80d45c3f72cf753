"""What is said of starts, against figures worked out here."""

import datetime

import numpy as np
import pandas as pd
import pytest

import letf
from letf_instruments import SpecError
from runs.robustness.starts import study
from runs.robustness.starts.study import find_starts, lengths_of
from runs.robustness.starts.words import (
    beside_name,
    headline,
    length_rows,
    sentences,
    starts_frame,
    starts_metrics,
)
from tests.conftest import random_bars
from tests.runs.robustness.rig import frame_of, spec_on, steady

YEAR = 252


def test_a_market_that_makes_the_same_every_day_gives_every_start_the_same():
    daily = 0.001
    spec = spec_on(steady(3 * YEAR, daily), "hold", rule={"instrument": "index"}, data={"rate": 0.0})
    found = find_starts(spec, [1, 2])
    m = starts_metrics(found)
    # Bought at the first open after the first close, which is the close itself here: nothing is lost to it.
    for years in (1, 2):
        expected = (1 + daily) ** (years * YEAR) - 1
        for q in ("05", "50", "95"):
            assert m[f"{years}y_return_q{q}"] == pytest.approx(expected)
        assert m[f"{years}y_index_return_q50"] == pytest.approx(expected)
        assert m[f"{years}y_cagr_median"] == pytest.approx((1 + daily) ** YEAR - 1)
        assert m[f"{years}y_lost"] == 0.0
        assert m[f"{years}y_beat_cash"] == 1.0
        assert m[f"{years}y_max_drawdown_worst"] == pytest.approx(0.0, abs=1e-12)
    assert m["1y_starts"] == 3 * YEAR - YEAR - 2  # two bars are no history, so nobody begins on them
    assert (m["1y_not_overlapping"], m["2y_not_overlapping"]) == (2, 1)


def test_shares_and_the_worst_start_on_any_market():
    bars = random_bars(8, n=400)
    found = find_starts(spec_on(bars, "hold", data={"rate": 0.02}), [1], every=3, verify=0)
    frame, m = starts_frame(found), starts_metrics(found)
    assert (np.diff(found.starts) == 3).all()
    own = frame["return"].to_numpy()
    worst = frame.loc[frame["return"].idxmin()]
    assert m["1y_worst_return"] == worst["return"]
    assert m["1y_worst_start"] == str(worst["start"])[:10]
    assert m["1y_worst_end"] == str(worst["end"])[:10]
    assert m["1y_lost"] == pytest.approx(np.mean(own < 0))
    assert m["1y_beat_index"] == pytest.approx(np.mean(own > frame["hold_index"]))
    assert m["1y_beat_SOXL"] == pytest.approx(np.mean(own > frame["hold_SOXL"]))
    close, days = bars.close, bars.sessions
    at = int(np.searchsorted(days, np.datetime64(worst["start"], "D")))
    assert worst["hold_index"] == pytest.approx(close[at + YEAR] / close[at] - 1)
    nights = np.diff(days[at : at + YEAR + 1]).astype(int)
    assert worst["cash"] == pytest.approx(np.prod(1 + 0.02 * nights / 360) - 1)
    assert m["1y_return_q25"] == pytest.approx(np.quantile(own, 0.25))


def test_the_drawdown_is_of_each_start_alone():
    frame = steady(300, 0.0)
    close = np.full(300, 100.0)
    close[150:] = 50.0  # halved in the middle
    close[200:] = 75.0
    for column in ("open", "high", "low", "close"):
        frame[column] = close
    spec = spec_on(frame, "hold", rule={"instrument": "index"}, data={"rate": 0.0})
    found = find_starts(spec, [40 / YEAR], verify=0)
    depth = starts_frame(found)["max_drawdown"].to_numpy()
    for start, expected in ((100, 0.0), (120, -0.5), (145, -0.5), (160, 0.0), (210, 0.0)):
        assert depth[list(found.starts).index(start)] == pytest.approx(expected, abs=1e-9)


def test_times_longer_than_the_data_are_left_out_with_a_note():
    found = find_starts(spec_on(random_bars(2, n=300), "hold"), [1, 5], verify=0)
    assert found.years == (1.0,)
    assert any(note.startswith("5 years: ") for note in found.notes)
    with pytest.raises(SpecError, match="too few for a span of 3 years"):
        find_starts(spec_on(random_bars(2, n=300), "hold"), "3,5")


@pytest.mark.parametrize("wrong", ["", "one", [0], [-1], [1, 1], [0.001], [90], None, [float("nan")]])
def test_times_that_are_none_are_refused(wrong):
    with pytest.raises(SpecError, match="lengths are"):
        lengths_of(wrong)


def test_lengths_are_put_in_order():
    years, sessions = lengths_of("3, 0.5,1")
    assert years == (0.5, 1.0, 3.0)
    assert sessions.tolist() == [126, 252, 756]


def test_money_paid_in_is_refused():
    spec = spec_on(random_bars(2), "hold", account={"deposits": {"amount": 100, "every": "month"}})
    with pytest.raises(SpecError, match=r"account\.deposits is set"):
        find_starts(spec)


def test_only_the_broker_runs_a_strategy_of_backtraders_and_at_fewer_starts(tmp_path):
    (tmp_path / "own.py").write_text(
        "import backtrader as bt\n\n\nclass Own(bt.Strategy):\n    params = (('bars', 5),)\n\n"
        "    def __init__(self):\n        self.mean = bt.indicators.SMA(self.data1, period=self.p.bars)\n\n"
        "    def next(self):\n        up = self.data1.close[0] > self.mean[0]\n"
        "        self.order_target_percent(self.data1, 0.5 * up)\n"
    )
    frame = frame_of(random_bars(6, n=200))
    frame.reset_index().to_csv(tmp_path / "case.csv", index=False)
    (tmp_path / "own.toml").write_text(
        'strategy = "own.py:Own"\n[data]\nindex = "case.csv"\nrate = 0.0\nfunds = ["SOXL"]\n'
    )
    from runs.specs.reading import load_spec

    spec = load_spec(str(tmp_path / "own.toml"), None)
    few = find_starts(spec, [100 / YEAR], workers=2)
    assert few.engine == "backtrader"
    assert len(few.starts) == 50  # each second of a hundred: at most sixty
    some = find_starts(spec, [100 / YEAR], every=40, workers=1)
    assert some.starts.tolist() == [0, 40, 80]
    same = few.account[[list(few.starts).index(s) for s in (0, 40, 80)]]
    assert (same == some.account).all()
    assert set(some.held) == {"index", "SOXL", "cash"}


@pytest.mark.parametrize("verb", ["starts", "walkforward"])
def test_what_a_strategy_pays_in_is_no_return(verb, tmp_path):
    (tmp_path / "own.py").write_text(
        "import backtrader as bt\n\n\nclass Saves(bt.Strategy):\n    params = (('sum', 100.0),)\n\n"
        "    def next(self):\n        if len(self) % 5 == 0:\n            self.broker.add_cash(self.p.sum)\n"
    )
    frame_of(random_bars(6, n=200)).reset_index().to_csv(tmp_path / "case.csv", index=False)
    (tmp_path / "own.toml").write_text(
        'strategy = "own.py:Saves"\n[data]\nindex = "case.csv"\nrate = 0.0\nfunds = ["SOXL"]\n'
        "[sweep]\nrule.sum = [100.0, 1000.0]\n"
    )
    if verb == "starts":
        found = letf.starts(tmp_path / "own.toml", [60 / YEAR], every=60, workers=1)
        assert np.abs(found.starts["return"]).max() < 1e-12
    else:
        found = letf.walkforward(tmp_path / "own.toml", train=60, test=40, by="trades", workers=1)
        assert np.ptp(found.equity.iloc[:, 0]) < 1e-6


def test_what_depends_on_where_its_data_begin_is_run_start_by_start():
    from strategies import AllocationRule, RuleParams, Targets

    class Counting(AllocationRule):
        name, summary, Params = "counting", "is in on every tenth bar of all that it knows", RuleParams
        instruments = ("SOXL",)

        def targets(self, market):
            count = np.arange(len(market)) - market.lead  # of the run's own bars: another for each start
            return Targets({"SOXL": np.where(count % 10 == 3, 1.0, 0.0)})

    import letf

    spec = letf.spec(Counting, index={"CASE": frame_of(random_bars(6, n=200))}, rate=0.0)
    found = find_starts(spec, [100 / YEAR], workers=1)
    assert found.engine == "backtrader"
    assert "depends on where the data of a run begin" in found.why
    alone = find_starts(spec, [100 / YEAR], every=60, verify=0)  # unchecked it is the kernel's
    assert alone.engine == "kernel"


def test_more_starts_than_a_few_that_a_volume_bounds_are_all_the_brokers(monkeypatch):
    frame = frame_of(random_bars(6, n=120))
    frame["volume"] = 1_000.0
    rule = {"average_bars": 3, "rsi_bars": 3, "oversold": 45, "side": "bull"}
    tables = {"rule": rule, "plan": {"instrument": "index"}, "data": {"rate": 0.0}}
    spec = spec_on(frame, "rsi_timing", costs={"max_participation": 0.05}, **tables)
    found = find_starts(spec, [30 / YEAR], every=20, workers=1)
    assert found.engine == "kernel"
    assert found.handed > 0
    monkeypatch.setattr(study, "MOST_ODD", 0)
    all_of_them = find_starts(spec, [30 / YEAR], every=20, workers=1)
    assert all_of_them.engine == "backtrader"
    assert found.account == pytest.approx(all_of_them.account, nan_ok=True, abs=1e-9)


def test_the_first_line_says_how_little_that_is():
    found = find_starts(spec_on(random_bars(8, n=700), "hold"), [1, 2], every=20, verify=0)
    m = starts_metrics(found)
    said = headline(found, m)
    assert f"one in twenty below {length_rows(found, m)[1][1][3]}" in said
    assert "only one such span does not overlap" in said
    told = sentences(found, m)[1]  # what the first line leaves out
    assert m["2y_worst_start"] in told
    assert f"{100 * m['2y_beat_index']:.0f} % beat {beside_name(found, 'index')}" in told
    assert f"{100 * m['2y_beat_cash']:.0f} % beat cash" in told
    assert isinstance(starts_frame(found), pd.DataFrame)


def test_on_intraday_bars_each_start_is_run_by_itself():
    from runs.specs.reading import load_spec

    spec = load_spec("opening_range", None, end=datetime.date(2018, 3, 29))
    found = find_starts(spec, [20 / YEAR], every=15, workers=1)
    assert found.engine == "backtrader"
    assert "intraday" in found.why
    assert found.account.shape[1] == 21  # sessions, not bars


@pytest.mark.market
def test_on_traded_prices_starts_are_the_runs_that_begin_there(market_folder):
    import letf

    changes = {"index": "SOX", "start": "2010-01-04", "end": "2014-12-31", "traded": "all"}
    found = letf.starts("trend", [1], every=40, data_dir=market_folder, **changes)
    assert found.found.engine == "kernel"
    assert found.found.verified >= 3


def test_no_more_spans_lie_side_by_side_than_there_are_starts():
    """Bars enough for five spans of a year, but not that many starts."""
    spec = spec_on(steady(5 * YEAR + 10, 0.001), "hold", rule={"instrument": "index"}, data={"rate": 0.0})
    for every, spans in ((1, 5), (100, 4), (400, 3), (100_000, 1)):  # 100: spans begin 300 sessions apart
        assert starts_metrics(find_starts(spec, [1], every=every, verify=0))["1y_not_overlapping"] == spans
