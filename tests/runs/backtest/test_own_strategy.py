"""A `backtrader.Strategy` of one's own: runs that it stops, what became of its orders, and what it traded."""

import numpy as np
import pytest

from letf_instruments import SpecError
from runs.backtest.caveats import headline
from runs.backtest.frames import equity_frame, returns
from runs.specs.reading import load_spec
from runs.studies.comparison.study import compare_specs
from runs.studies.rules.joined import run_backtest
from runs.sweeps.engines.by_backtrader import BacktraderEngine
from runs.sweeps.engines.choice import choose
from runs.sweeps.engines.job import Job
from runs.sweeps.space.axes import grid_of
from tests.runs.command import letf, read

YEAR = "start = 2010-01-04\nend = 2010-12-31\n"  # 252 sessions; the 50th is 2010-03-16
HEAD = """\
import backtrader as bt

class Own(bt.Strategy):
    params = (("last", 0),)

"""
HOLDS = """\
    def next(self):
        if len(self) == 2:
            self.buy(data=self.data2, size=100)
"""
STOPS = HOLDS + "        if len(self) == self.p.last:\n            self.env.runstop()\n"
AVERAGE = "    def __init__(self):\n        self.average = bt.ind.SMA(self.data, period=20)\n\n"
STOPPED = "the strategy stopped the run on 2010-03-16; everything here ends there"


def spec_of(folder, body, tables="", data=YEAR, name="own"):
    (folder / f"{name}.py").write_text(HEAD + body)
    (folder / f"{name}.toml").write_text(f'strategy = "{name}.py:Own"\n[data]\n{data}{tables}')
    return load_spec(folder / f"{name}.toml")


def run(folder, body, tables="", data=YEAR):
    return run_backtest(spec_of(folder, body, tables, data))


# -- runs that are stopped -----------------------------------------------------------------------------


@pytest.mark.parametrize("start", ["", AVERAGE], ids=["at once", "late"])
@pytest.mark.parametrize("splits", ["", 'splits = "issuer"\nfirst_price = {SOXL = 7.0, SOXS = 7.0}\n'])
def test_a_run_that_is_stopped_is_the_run_on_data_that_end_there(tmp_path, start, splits):
    whole = run(
        tmp_path, start + HOLDS.replace("== 2", "== 25"), data=YEAR.replace("12-31", "03-16") + splits
    )
    stops = start + STOPS.replace("== 2", "== 25")
    stopped = run(tmp_path, stops, "[rule]\nlast = 50\n", YEAR + splits)
    assert stopped.stopped == np.datetime64("2010-03-16") == stopped.days[-1]
    assert stopped.metrics == whole.metrics
    assert stopped.held == whole.held
    assert stopped.trades == whole.trades
    for name in ("days", "equity", "cash", "exposure_gross", "exposure_net", "exposure_index", "underwater"):
        np.testing.assert_array_equal(getattr(stopped, name), getattr(whole, name))
    assert len(stopped.bars) == 50
    for name, ledger in whole.ledgers.items():
        np.testing.assert_array_equal(stopped.ledgers[name].close, ledger.close)
        np.testing.assert_array_equal(stopped.factors[name], whole.factors[name])
    assert len(stopped.market()) == 50
    assert [w for w in stopped.warnings if w not in whole.warnings] == [STOPPED]


def test_the_command_reports_a_run_that_is_stopped(tmp_path):
    spec_of(tmp_path, STOPS, "[rule]\nlast = 50\n")
    done = letf("run", tmp_path / "own.toml", "--out", tmp_path / "out")
    assert (done.returncode, STOPPED in done.stdout + done.stderr) == (0, True)
    rows = read(tmp_path / "out" / "equity.csv")
    assert (len(rows), rows[-1]["date"]) == (50, "2010-03-16")


def test_a_run_that_is_stopped_on_its_last_bar_is_whole(tmp_path):
    result = run(tmp_path, STOPS, "[rule]\nlast = 252\n")
    assert result.stopped is None
    assert len(result.days) == 252
    assert not any("stopped" in warning for warning in result.warnings)


@pytest.mark.parametrize("hook", ["start", "next"])
def test_a_run_that_is_stopped_before_there_is_a_result_is_refused(tmp_path, hook):
    with pytest.raises(SpecError, match="stopped the run on 2010-01-04, before there was a result"):
        run(tmp_path, f"    def {hook}(self):\n        self.env.runstop()\n")


def test_a_cell_of_a_sweep_that_stops_early_is_refused_and_cannot_win(tmp_path):
    spec = spec_of(tmp_path, STOPS, "[sweep]\nrule.last = [0, 50]\n")
    grid = grid_of(spec)
    found = BacktraderEngine(Job(spec, grid, "backtrader")).evaluate(np.arange(2))
    assert found["refused"] == [
        None,
        "the strategy stopped the run on 2010-03-16, so it has no result over all bars",
    ]
    assert np.isnan(found["total_return"]).tolist() == [False, True]


def test_a_run_that_is_stopped_is_not_compared_with_whole_ones(tmp_path):
    specs = [
        spec_of(tmp_path, HOLDS, name="whole"),
        spec_of(tmp_path, STOPS, "[rule]\nlast = 50\n", name="part"),
    ]
    with pytest.raises(SpecError, match="part: the strategy stopped the run on 2010-03-16; compare whole"):
        compare_specs(specs)


def test_the_first_line_says_that_a_run_was_stopped(tmp_path):
    says = "mind that the strategy stopped the run on 2010-03-16, and everything here ends there"
    assert says in headline(run(tmp_path, STOPS, "[rule]\nlast = 50\n"))
    never = run(tmp_path, STOPS.replace("== 2:", "== 900:"), "[rule]\nlast = 50\n")
    said = headline(never)
    assert said.startswith("The strategy never traded: it sent no order. From 2010-01-04 to 2010-03-16 ")
    assert said.endswith(f"; {says}.")


# -- cash that it pays in --------------------------------------------------------------------------------

PAYS = """\
    def next(self):
        if len(self) == 2:
            self.order_target_percent(data=self.data2, target=.5)
        if len(self) in (60, 120):
            self.broker.{way}
"""
FREE = "[account]\ncash = 1000.0\n[costs]\npreset = 'zero'\n"


def test_one_payment_is_paid_in_once(tmp_path):
    body = "    def next(self):\n        if len(self) == 21:\n            self.broker.add_cash(500.0)\n"
    result = run(tmp_path, body, FREE, YEAR + "rate = 0.0\n")
    assert any("cash was paid in or out once, 500.00 on balance" in note for note in result.warnings)


@pytest.mark.parametrize("cash", ["'5'", "None"])
def test_a_payment_that_is_no_number_is_refused(cash, tmp_path):
    body = f"    def next(self):\n        self.broker.add_cash({cash})\n"
    with pytest.raises(SpecError, match=f"cash of {cash} is paid in or set; it must be a finite amount"):
        run(tmp_path, body, FREE, YEAR)


def test_a_savings_plan_that_buys_nothing_returns_nothing(tmp_path):
    body = "    def next(self):\n        if len(self) % 21 == 0:\n            self.broker.add_cash(500.0)\n"
    result = run(tmp_path, body, FREE, YEAR + "rate = 0.0\n")
    m = result.metrics
    assert (m["total_return"], m["cagr"], m["volatility"], m["max_drawdown"]) == (0.0, 0.0, 0.0, 0.0)
    assert (m["final_equity"], m["paid_in"]) == (6_500.0, 5_500.0)  # the twelfth payment comes too late
    assert (returns(result) == 0).all()
    assert result.worth.tolist() == [1_000.0] * 252
    assert "mind that 5,500 was paid in, on balance, while it ran, which is no return" in headline(result)
    assert any("cash was paid in or out 11 times, 5,500.00 on balance" in note for note in result.warnings)
    frame = equity_frame(result)
    assert (frame["equity"].iloc[-1], frame["paid_in"].iloc[-1], frame["worth"].iloc[-1]) == (
        6_500,
        5_500,
        1_000,
    )


@pytest.mark.parametrize(
    "way", ["add_cash(400.0)", "add_cash(-150.0)", "set_cash(self.broker.getcash() + 400)"]
)
def test_returns_are_split_where_money_comes_or_goes_at_the_opens_value(tmp_path, way):
    result = run(tmp_path, PAYS.format(way=way), FREE, YEAR + "rate = 0.0\n")
    (fill,) = next(fills for fills in result.fills.values() if fills)
    fund = result.ledgers["SOXL"]
    flows = np.diff(result.paid, prepend=0.0)
    before = np.concatenate(([1_000.0], result.equity[:-1]))
    close = np.concatenate((fund.close[:1], fund.close[:-1]))
    at_open = before + np.where(np.arange(252) > fill.bar, fill.size * (fund.open - close), 0.0)
    made = at_open / before * result.equity / (at_open + flows) - 1
    assert np.flatnonzero(flows).tolist() == [60, 120]
    np.testing.assert_allclose(returns(result), made, atol=1e-12)
    m = result.metrics
    assert m["total_return"] == pytest.approx(np.prod(1 + made) - 1, rel=1e-9)
    assert m["volatility"] == pytest.approx(np.std(made[1:], ddof=1) * 252**0.5, rel=1e-9)
    curve = np.cumprod(1 + made)
    assert m["max_drawdown"] == pytest.approx((curve / np.maximum.accumulate(curve) - 1).min(), rel=1e-9)
    axis = "[sweep]\naccount.cash = [1000.0, 2000.0]\n"
    swept = spec_of(tmp_path, PAYS.format(way=way), FREE + axis, YEAR + "rate = 0.0\n")
    cells = BacktraderEngine(Job(swept, grid_of(swept), "backtrader")).evaluate(np.arange(2))
    assert cells["total_return"][0] == m["total_return"]


def test_without_payments_the_worth_is_the_equity(tmp_path):
    result = run(tmp_path, HOLDS)
    assert result.worth.tolist() == result.equity.tolist()
    assert result.metrics["paid_in"] == 0.0
    assert "worth" not in equity_frame(result)


# -- what became of its orders -------------------------------------------------------------------------

LIMIT = "exectype=bt.Order.Limit, price=0.01"  # below any price of the run


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("        pass\n", "it sent no order."),
        # A day order of each bar lives on the next one and expires on the one after: of 252 the last two do
        # not see that, and the very last no bar at all.
        (
            f"        self.buy(size=1, {LIMIT}, valid=bt.Order.DAY)\n",
            "of its 252 orders 250 expired, 1 was still waiting at the end and 1 was sent on the last bar, "
            "too late to be filled.",
        ),
        (
            f"        if len(self) < 4:\n            self.buy(size=1, {LIMIT}, valid=bt.Order.DAY)\n",
            "all its 3 orders expired.",
        ),
        (
            f"        if len(self) == 9:\n            self.buy_bracket(size=1, {LIMIT}, stopprice=.005,"
            " limitprice=1.0)\n",
            "its one order was still waiting at the end.",
        ),
        (
            "        if len(self) == 252:\n            self.buy(size=1)\n",
            "its one order was sent on the last bar, too late to be filled.",
        ),
        (
            f"        self.cancel(self.buy(size=1, {LIMIT}))\n",
            "all its 252 orders were cancelled (the last one: cancelled by its owner).",
        ),
        (
            "        if len(self) < 3:\n            self.sell(size=1)\n",
            "both its orders were refused (the last one: there is no more to sell, and shorts are not "
            "allowed).",
        ),
        (
            "        if len(self) == 3:\n            self.buy(size=1, transmit=False)\n",
            "its one order was held back by transmit=False.",
        ),
    ],
)
def test_a_run_without_a_trade_says_what_became_of_its_orders(tmp_path, body, says):
    result = run(tmp_path, "    def next(self):\n" + body)
    assert result.verdict == "The strategy never traded: " + says


def test_a_run_that_traded_says_what_its_end_has_cut_off(tmp_path):
    late = (
        f"        if len(self) == 252:\n            self.sell(data=self.data2)\n        self.buy({LIMIT})\n"
    )
    result = run(tmp_path, HOLDS + late)
    assert result.verdict is None
    assert result.warnings[-2:] == [
        "251 orders were still waiting at the end",
        "2 orders were sent on the last bar, too late to be filled",
    ]


def test_stop_and_target_of_what_is_still_held_are_nothing_to_note(tmp_path):
    prices = "exectype=bt.Order.Market, stopprice=1.0, limitprice=1e6"
    result = run(tmp_path, HOLDS.replace("buy(", "buy_bracket(").replace("size=100", f"size=1, {prices}"))
    assert [trade.exit_reason for trade in result.trades] == ["open at end"]
    assert not any("order" in warning for warning in result.warnings)


# -- what it traded ------------------------------------------------------------------------------------

TRADES = "    def next(self):\n        if len(self) in (2, 4, 6):\n            {}\n"


def test_trading_the_index_beside_funds_is_noted(tmp_path):
    said = "it traded the index itself, data0, 3 times; the funds are data1 (SOXS), data2 (SOXL)"
    assert said in run(tmp_path, TRADES.format("self.buy(size=1)")).warnings
    for body, data in (("self.buy(data=self.data1, size=1)", ""), ("self.buy(size=1)", "funds = []\n")):
        result = run(tmp_path, TRADES.format(body), data=YEAR + data)
        assert result.trades
        assert not any("data0" in warning for warning in result.warnings)


# -- shorts --------------------------------------------------------------------------------------------

REFUSED = "account.shorts=refuse"
SELLS = "    def next(self):\n        if len(self) == 2:\n            self.sell(data=self.data2, size=1)\n"


@pytest.mark.parametrize(
    ("account", "short"),
    [
        ("", False),
        ('shorts = "allow"\n', True),
        ('kind = "cfd"\n', True),
        ('kind = "cfd"\nshorts = "refuse"\n', False),
    ],
)
def test_a_strategy_of_one_s_own_sells_short_in_cash_only_if_it_is_asked_for(tmp_path, account, short):
    result = run(tmp_path, SELLS, f"[account]\n{account}")
    assert [trade.size for trade in result.trades] == ([-1.0] if short else [])
    said = 'to sell more than is held was refused or cut; account.shorts = "allow" lets them open shorts'
    assert any(said in warning for warning in result.warnings) != short


def test_a_rule_goes_short_unless_that_is_refused():
    data = ["data.end=2003-12-31"]
    assert min(trade.size for trade in run_backtest(load_spec("decay_harvest", data)).trades) < 0
    refused = run_backtest(load_spec("decay_harvest", [*data, REFUSED]))
    assert not refused.trades


def test_what_a_study_sets_beside_a_run_may_be_short_all_the_same():
    data = ["data.end=2000-12-31"]
    either, careful = (run_backtest(load_spec("hedge", [*data, *more])) for more in ([], [REFUSED]))
    assert careful.metrics == either.metrics


@pytest.mark.parametrize(
    "change", [REFUSED, 'sweep.account.shorts=["allow", "refuse"]'], ids=["set", "swept"]
)
def test_shorts_that_are_refused_are_no_matter_for_the_kernel(change):
    spec = load_spec("rsi_timing", ["sweep.plan.stop=[0.05, 0.1]", change])
    why = 'account.shorts is "refuse", which only the broker knows'
    assert choose(spec, grid_of(spec), None) == ("backtrader", why)
    with pytest.raises(SpecError, match=f"the kernel cannot run rsi_timing: {why}; use"):
        choose(spec, grid_of(spec), "kernel")
