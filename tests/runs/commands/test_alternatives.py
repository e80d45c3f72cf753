"""`letf alternatives`: every expression by hand on a few bars, and the command on real and simulated data."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from feeds.events import NONE
from feeds.rates import ShortRate
from letf_instruments import LeveragedFund
from runs.backtest.setting import Setting
from runs.specs.reading import load_spec
from runs.studies.alternatives.metrics import PARTS
from runs.studies.alternatives.options import EXPIRED, _expired_early
from runs.studies.alternatives.study import express, expressions, find_alternatives
from runs.studies.alternatives.view import Trade, View
from runs.studies.rules.joined import run_backtest
from tests.conftest import make_bars
from tests.runs.command import letf, read

FLAT = (100.0, 100.0, 100.0, 100.0)
FALL = [FLAT, FLAT, (100, 100, 90, 90), (90, 90, 81, 81), (81.0,) * 4, (81.0,) * 4]
FREE = ["account.cash=10000", "costs.preset=zero"] + [
    f"costs.{key}=0" for key in ("commission_bps", "half_spread_bps", "slippage_bps")
]


def by_hand(rows, trades, changes=(), sizing="exposure", multiple=-3.0):
    """Outcomes by key of hand-made trades on hand-made bars; funds without fee, a short rate of 0. Without
    options, which need a past for their volatility."""
    bars = make_bars(rows)
    funds = {
        "1X": LeveragedFund(ticker="1X", multiple=1.0),
        "FUND": LeveragedFund(ticker="FUND", multiple=multiple),
    }
    setting = Setting(bars, ShortRate.constant(0.0), {}, funds, {}, NONE, [])
    view = View(SimpleNamespace(setting=setting, bars=bars), funds["FUND"], trades)
    spec = load_spec("rsi_timing", [*FREE, "account.financing_spread=0", *changes])
    ways = expressions(view, spec.account, bars.name)
    return {way.key: express(view, way, spec, sizing) for way in ways if way.option is None}


def test_an_option_that_expires_before_the_rule_left_is_counted_in_a_number_that_json_takes():
    days = make_bars([FLAT] * 6).sessions
    view = View(
        SimpleNamespace(bars=SimpleNamespace(sessions=days)), None, [Trade(0, 0.5, 4, None, "target")]
    )
    closed = [SimpleNamespace(entry_date=days[0], exit_date=days[2], exit_reason=EXPIRED)]
    assert json.dumps(_expired_early(view, closed)) == "1"


HELD_TWO_DAYS = [Trade(2, 0.5, 4, None, "target")]


def test_in_a_market_that_stands_still_no_way_gains_by_what_is_paid_in():
    found = by_hand([FLAT] * 6, HELD_TWO_DAYS, ["account.deposits={amount = 1000, every = 1}"])
    for outcome in found.values():
        m = outcome.metrics
        assert m["final_equity"] == pytest.approx(15_000.0)
        assert m["put_in"] == 15_000.0
        for key in ("total_return", "profit", "worst_loss", "worst_against_stake", "money_weighted_return"):
            assert m[key] == pytest.approx(0.0, abs=1e-9)
        assert outcome.worth == pytest.approx([10_000.0] * 6)
        assert sum(m[part] for part in PARTS) == pytest.approx(0.0, abs=1e-9)


def test_a_bearish_view_of_the_same_exposure_in_four_ways():
    """Half of 10,000 in a -3x fund: the index falls by a tenth twice, the fund gains 30 % twice, 69 %."""
    found = by_hand(FALL, HELD_TWO_DAYS)
    final = {key: outcome.metrics["final_equity"] for key, outcome in found.items()}
    assert final == {
        "fund": pytest.approx(10_000 + 5_000 * 0.69),
        "short_1x": pytest.approx(10_000 + 15_000 * 0.19),
        "cfd_index": pytest.approx(10_000 + 15_000 * 0.19),
        "cfd_fund": pytest.approx(10_000 + 5_000 * 0.69),
    }
    fund = found["fund"].metrics
    assert fund["index_move"] == pytest.approx(3 * 0.19 * 5_000)
    assert fund["compounding"] == pytest.approx(600)


def test_money_tied_up_is_what_each_account_asks():
    found = by_hand(FALL, HELD_TWO_DAYS)
    average = {key: o.metrics["capital_average"] for key, o in found.items()}
    peak = {key: o.metrics["capital_peak"] for key, o in found.items()}
    assert average == {
        "fund": pytest.approx((0.65 + 0.845) / 2),  # 5,000 at 1.3 and at 1.69
        "short_1x": pytest.approx((0.675 + 0.6075) / 2),  # half of 15,000 at .9 and at .81
        "cfd_index": pytest.approx(0.3),  # a fifth of 15,000
        "cfd_fund": pytest.approx(0.1),
    }
    assert peak["fund"] == pytest.approx(0.845)
    assert peak["short_1x"] == pytest.approx(0.675)
    assert {key: o.expression.total_multiple for key, o in found.items()} == {
        "fund": -3,
        "short_1x": -2,
        "cfd_index": pytest.approx(-5),
        "cfd_fund": pytest.approx(-15),
    }


def test_the_same_share_tied_up_shows_the_leverage_of_each():
    found = by_hand(FALL, HELD_TWO_DAYS, sizing="stake")
    assert {key: o.metrics["profit"] for key, o in found.items()} == {
        "fund": pytest.approx(5_000 * 0.69),
        "short_1x": pytest.approx(10_000 * 0.19),
        "cfd_index": pytest.approx(25_000 * 0.19),
        "cfd_fund": pytest.approx(25_000 * 0.69),
    }


@pytest.mark.parametrize(
    ("level", "fund_gain", "index_fall"),
    [
        (85.0, 1.3 * (1 + 3 * 5 / 90) - 1, 0.15),  # from 90 to 85, with the bear
        (95.0, 1.3 * (1 - 3 * 5 / 90) - 1, 0.05),  # and against it
        (90.0, 0.3, 0.10),  # the open itself
    ],
)
def test_an_exit_inside_a_bar_is_at_the_same_moment_for_all(level, fund_gain, index_fall):
    rows = [*FALL[:3], (90, 96, 81, 88), (88.0,) * 4]
    found = by_hand(rows, [Trade(2, 0.5, 3, level, "stop")])
    assert {key: o.metrics["profit"] for key, o in found.items()} == {
        "fund": pytest.approx(5_000 * fund_gain),
        "short_1x": pytest.approx(15_000 * index_fall),
        "cfd_index": pytest.approx(15_000 * index_fall),
        "cfd_fund": pytest.approx(5_000 * fund_gain),
    }
    assert {o.trades[0].exit_reason for o in found.values()} == {"stop"}


def test_a_trade_may_be_left_on_the_bar_of_its_entry():
    rows = [FLAT, FLAT, (100, 104, 96, 100), FLAT]
    found = by_hand(rows, [Trade(2, 0.5, 2, 102.0, "stop")])
    assert found["fund"].metrics["profit"] == pytest.approx(-5_000 * 0.06)
    assert found["short_1x"].metrics["profit"] == pytest.approx(-15_000 * 0.02)
    assert found["cfd_index"].metrics["profit"] == pytest.approx(-15_000 * 0.02)


def test_a_bullish_view_buys_the_index_fund_as_far_as_cash_goes():
    rise = [FLAT, FLAT, (100, 110, 100, 110), (110.0,) * 4]
    found = by_hand(rise, [Trade(2, 0.5, 3, None, "x")], multiple=3.0)
    assert found["fund"].metrics["profit"] == pytest.approx(5_000 * 0.3)
    assert found["buy_1x"].metrics["profit"] == pytest.approx(10_000 * 0.1)  # not 15,000: no margin for longs
    assert "cash allows no more" in found["buy_1x"].notes[0]
    assert found["cfd_index"].metrics["profit"] == pytest.approx(15_000 * 0.1)
    assert found["cfd_fund"].expression.total_multiple == pytest.approx(15)


# All equity put in: 2x short, 5x in contracts. The index goes to 116 within a day and opens at 117.
RISE = [FLAT, FLAT, (100, 116, 100, 116), (117.0,) * 4, (117.0,) * 4]


def test_each_is_closed_out_where_its_own_rules_say():
    found = by_hand(RISE, [Trade(2, 1.0, None, None, "open at end")], sizing="stake")
    # 20,000 short: at 116 equity of 6,800 is below 30 % of 23,200. Bought in at 117.
    assert [why for _, why in found["short_1x"].liquidations] == ["margin call"]
    assert found["short_1x"].metrics["profit"] == pytest.approx(-20_000 * 0.17)
    # 50,000 short: stopped out at 110. 50,000 of the fund: 10 % below its price, the index 3 1/3 % up.
    assert [why for _, why in found["cfd_index"].liquidations] == ["stop-out"]
    assert found["cfd_index"].metrics["profit"] == pytest.approx(-5_000)
    assert found["cfd_fund"].metrics["profit"] == pytest.approx(-5_000)
    assert str(found["cfd_index"].liquidations[0][0]) == "2020-01-08"
    assert found["fund"].liquidations == []
    assert found["fund"].metrics["profit"] == pytest.approx(-10_000 * (1 - 0.52 * (1 - 3 / 116)))


@pytest.mark.parametrize("protected", [True, False])
def test_a_loss_beyond_the_stake_is_shown_whoever_bears_it(protected):
    rows = [FLAT, FLAT, FLAT, (130.0,) * 4, (130.0,) * 4]
    change = [f"account.negative_balance_protection={str(protected).lower()}"]
    cfd = by_hand(rows, [Trade(2, 1.0, 4, None, "x")], change, "stake")["cfd_index"].metrics
    assert cfd["beyond_stake"] == pytest.approx(5_000)  # 50,000 x .3 less 10,000
    assert cfd["final_equity"] == pytest.approx(0 if protected else -5_000)
    assert cfd["worst_against_stake"] == pytest.approx(1.0 if protected else 1.5)
    assert cfd["protection"] == pytest.approx(5_000 if protected else 0)
    assert cfd["ruined"]


def test_costs_go_to_their_own_part():
    found = by_hand(FALL, HELD_TWO_DAYS, ["account.borrow_fee=0.36", "costs.commission_bps=10"])
    short = found["short_1x"].metrics
    # Two nights at .1 % of 13,500 and 12,150, less what commission took of equity: of the size at entry.
    assert short["borrow"] == pytest.approx(-(13.5 + 12.15))
    assert short["trading_costs"] == pytest.approx(-(15 + 12.15))
    assert found["fund"].metrics["borrow"] == 0
    dear = by_hand(FALL, HELD_TWO_DAYS, ["account.financing_spread=0.036"])
    assert dear["cfd_index"].metrics["financing"] == pytest.approx(-(1.35 + 1.215))
    assert dear["cfd_fund"].metrics["financing"] == pytest.approx(-(0.65 + 0.845))
    assert dear["short_1x"].metrics["financing"] == 0


# -- on real data -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def nasdaq():
    return find_alternatives(load_spec("rsi_timing", ["data.end=2006-12-31", "account.borrow_fee=0.02"]))


def test_the_fund_is_the_rule_s_own_run(nasdaq):
    """Same entries, exits inside bars and sizes: the same equity on every day."""
    run = run_backtest(nasdaq.spec, studies=False)
    fund = nasdaq.outcomes[0]
    assert np.allclose(fund.equity, run.equity, rtol=1e-9, atol=0)
    assert {t.exit_reason for t in fund.trades} == {t.exit_reason for t in run.trades}
    assert {"stop", "target"} <= {t.exit_reason for t in fund.trades}


def test_a_contract_on_the_fund_is_the_rule_run_in_a_cfd_account():
    """With the same share tied up, the replay and a run of the rule's own with kind = "cfd" are one."""
    changes = ["data.end=2003-12-31"]
    found = find_alternatives(load_spec("rsi_timing", changes), sizing="stake")
    run = run_backtest(load_spec("rsi_timing", [*changes, "account.kind=cfd"]), studies=False)
    assert found.outcomes[3].expression.key == "cfd_fund"
    assert np.allclose(found.outcomes[3].equity, run.equity, rtol=1e-9, atol=0)


def test_a_stake_lost_whole_in_options_ends_in_an_answer():
    # The premium of the first put is the whole account; the broker of a ruined one sells what is left of it.
    changes = ["data.end=2000-06-30", "plan.fraction=1", "plan.stop=none", "plan.max_bars=40"]
    found = find_alternatives(load_spec("rsi_timing", changes), sizing="stake")
    put = next(o for o in found.outcomes if o.expression.key == "put_index")
    assert [reason for _, reason in put.liquidations] == ["ruin"]
    assert put.equity[-1] == pytest.approx(0.0, abs=1.0)


def test_the_parts_add_up_to_the_profit_of_each(nasdaq):
    for outcome in nasdaq.outcomes:
        m = outcome.metrics
        assert sum(m[part] for part in PARTS) == pytest.approx(m["profit"], abs=1e-4)
        assert m["profit"] == pytest.approx(outcome.equity[-1] - 100_000)
        assert m["trades"] == len(nasdaq.view.trades)
    assert nasdaq.outcomes[1].metrics["borrow"] < 0


def test_all_leave_on_the_days_of_the_view(nasdaq):
    dates = [[(t.entry_date, t.exit_date) for t in o.trades] for o in nasdaq.outcomes]
    assert dates[0] == dates[1] == dates[2] == dates[3]


def test_exposures_are_alike_by_default(nasdaq):
    exposures = {o.expression.key: o.metrics["exposure_average"] for o in nasdaq.outcomes}
    options = [exposures.pop(key) for key in ("put_index", "call_fund")]
    assert list(exposures.values()) == pytest.approx([1.5] * 4, rel=0.05)  # half of equity in a 3x fund
    assert options == pytest.approx([1.5] * 2, rel=0.1)  # a delta moves while it is held


def test_options_are_bought_where_the_fund_is_and_lose_their_premium_at_most(nasdaq):
    by_key = {o.expression.key: o.trades for o in nasdaq.outcomes}
    for key in ("put_index", "call_fund"):
        assert [t.entry_date for t in by_key[key]] == [t.entry_date for t in by_key["fund"]]
        assert all(t.exit_date >= f.exit_date for t, f in zip(by_key[key], by_key["fund"], strict=True))
        assert all(t.profit >= -t.size * t.entry_price - t.costs - 1e-6 for t in by_key[key])


def test_the_command_writes_its_files_twice_alike(tmp_path):
    command = ("alternatives", "rsi_timing", "--end", "2001-12-31", "--out")
    for name in ("a", "b"):
        done = letf(*command, tmp_path / name, pictures=True)
        assert done.returncode == 0, done.stderr
    assert "trades of rsi_timing on nasdaq" in done.stdout
    for words in ("borrow shares", "short sale", "unlimited in theory", "a replay", "limited to the stake"):
        assert words in done.stdout
    names = {path.name for path in (tmp_path / "a").iterdir()}
    assert names == {
        "alternatives.csv",
        "alternatives.json",
        "alternatives.png",
        "equity.csv",
        "manifest.json",
        "report.html",
    }
    for name in names - {"manifest.json"}:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    one, two = (json.loads((tmp_path / n / "manifest.json").read_text()) for n in ("a", "b"))
    assert one.pop("times") != {} != two.pop("times")
    assert one == two
    table = {row["expression"]: row for row in read(tmp_path / "a" / "alternatives.csv")}
    flat = json.loads((tmp_path / "a" / "alternatives.json").read_text())
    for key, row in table.items():
        assert float(row["final_equity"]) == pytest.approx(flat[f"{key}_final_equity"], rel=1e-11)
    curve = read(tmp_path / "a" / "equity.csv")
    assert float(curve[-1]["cfd_fund"]) == pytest.approx(flat["cfd_fund_final_equity"], rel=1e-11)


def test_simulated_data_and_a_bullish_rule_are_marked_and_named(tmp_path):
    done = letf(
        "alternatives", "rsi_timing", "--index", "semis-sim", "--set", "rule.side=bull",
        "--end", "2003-12-31", "--size", "stake", "--out", tmp_path / "out",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("SIMULATED data.")
    rows = read(tmp_path / "out" / "alternatives.csv")
    assert [row["name"] for row in rows] == [
        "buy SOXL",
        "buy 1X",
        "CFD on semis-sim",
        "CFD on SOXL",
        "call on semis-sim (model)",
        "call on SOXL (model)",
    ]
    assert {row["data"] for row in rows} == {"SIMULATED"}
    assert json.loads((tmp_path / "out" / "alternatives.json").read_text())["sizing"] == "stake"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (["strategy=hold", "plan=none", "rule=none"], "hold does not trade one fund in and out"),
        (["plan.instrument=index", "rule.side=bull"], "rsi_timing trades index; alternatives are to"),
        (["rule.overbought=99.9"], "rsi_timing: The rule never traded"),
        (["plan.fill=close"], 'enter at opens, which plan.fill = "close" does not; take plan.fill = "open"'),
        (["plan.entry=limit", "plan.limit=-0.01"], 'plan.entry = "limit" does not'),
        (
            ["strategy=switch", "rule=none", 'plan={other={instrument="SOXS"}}'],
            "plan.other trades a second one",
        ),
        (["strategy=tranches", "rule=none", "plan={lots=3}"], "plan.lots has many at a time"),
        (["account.margin_rate=0"], "account.margin_rate is 0; a contract ties up at least"),
        (["account.borrow_fee=9"], "account.borrow_fee is 9; it should be less than"),
    ],
)
def test_what_has_no_alternatives_is_one_sentence(changes, says, tmp_path):
    sets = [part for change in changes for part in ("--set", change)]
    done = letf("alternatives", "rsi_timing", *sets, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert says in done.stderr
    assert not (tmp_path / "out").exists()


def test_the_documented_keys_are_the_keys(nasdaq):
    from tests.conftest import ROOT

    text = (ROOT / "docs" / "alternatives.md").read_text(encoding="utf-8")
    assert [key for key in nasdaq.outcomes[0].metrics if f"`*_{key}`" not in text] == []
    assert [o.expression.key for o in nasdaq.outcomes if f"`{o.expression.key}`" not in text] == []


@pytest.mark.market
def test_it_runs_on_real_semiconductors(market_folder, tmp_path):
    done = letf(
        "alternatives", "rsi_timing", "--index", "SOX", "--rates", "SHORT_RATE", "--start", "2018-01-01",
        "--data-dir", market_folder, "--out", tmp_path / "out",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    flat = json.loads((tmp_path / "out" / "alternatives.json").read_text())
    assert not flat["simulated"]
    assert flat["view_trades"] > 5
    assert flat["cfd_index_financing"] != 0


def test_the_fund_is_traded_at_split_prices_also_if_data_does_not_list_it(tmp_path):
    """A cent a share is another part of a split price, so the replay comes to the run's own equity only at
    the run's own prices. The index rises so far that SOXS is split."""
    rng = np.random.default_rng(3)
    closes = 100 * np.exp(np.cumsum(np.concatenate((0.004 + 0.012 * rng.standard_normal(500), [0]))))
    days = np.busday_offset("2020-01-06", np.arange(501), roll="forward")
    rows = [f"{day},{close},{close},{close},{close}" for day, close in zip(days, closes, strict=True)]
    (tmp_path / "rise.csv").write_text("\n".join(["date,open,high,low,close", *rows]))
    changes = ['data.funds=["SOXL"]', "data.splits=issuer", "costs.preset=zero", "costs.half_spread_cents=1"]
    spec = load_spec("rsi_timing", changes, index=str(tmp_path / "rise.csv"))
    run = run_backtest(spec, studies=False)
    assert run.has_splits("SOXS")
    assert run.trades
    fund = find_alternatives(spec).outcomes[0]
    assert fund.expression.key == "fund"
    assert fund.metrics["final_equity"] == pytest.approx(run.metrics["final_equity"], rel=1e-9)
