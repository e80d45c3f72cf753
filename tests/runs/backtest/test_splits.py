"""`data.splits` and `letf synth --splits` as a person gives them."""

import numpy as np
import pandas as pd
import pytest

from letf_instruments import FactError, SpecError
from runs.backtest.pictures.charts import price_chart
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest
from tests.runs.command import letf

SPAN = ("data.start=1999-01-04", "data.end=2004-12-31", "costs.preset=zero")


def run(*changes):
    return run_backtest(load_spec("rsi_timing", [*SPAN, *changes]), studies=False)


@pytest.fixture(scope="module")
def plain():
    return run()


@pytest.fixture(scope="module")
def split():
    return run("data.splits=issuer")


def test_splits_change_no_figure_of_a_run_with_proportional_costs(plain, split):
    assert split.has_splits("SOXS")
    assert not plain.has_splits("SOXS")
    np.testing.assert_allclose(split.equity, plain.equity, rtol=1e-9)
    assert len(plain.trades) > 3
    for key, value in plain.metrics.items():
        assert split.metrics[key] == (pytest.approx(value, rel=1e-7, abs=1e-7) if value is not None else None)


def test_rules_and_reports_see_the_fund_without_splits(plain, split):
    np.testing.assert_array_equal(split.market()["SOXS"].close, plain.market()["SOXS"].close)
    np.testing.assert_array_equal(split.ledgers["SOXS"].close, plain.ledgers["SOXS"].close)
    for ours, theirs in zip(split.fills["SOXS"], plain.fills["SOXS"], strict=True):
        assert (ours.price, ours.size) == (pytest.approx(theirs.price), pytest.approx(theirs.size))


def test_trades_are_listed_as_traded_and_drawn_on_the_line(split):
    price = dict(zip(split.days, split.ledgers["SOXS"].close, strict=True))
    factor = dict(zip(split.days, split.factors["SOXS"], strict=True))
    for trade in split.trades:
        traded = price[trade.exit_date] * factor[trade.exit_date]
        assert 0.5 * traded < trade.exit_price < 2 * traded
    axis = price_chart(split).axes[1]
    assert axis.get_ylabel() == "SOXS (log scale, splits taken out)"
    line, *marks = axis.lines
    assert marks
    drawn = dict(zip(line.get_xdata(), line.get_ydata(), strict=True))
    for mark in marks:
        for day, height in zip(mark.get_xdata(), mark.get_ydata(), strict=True):
            assert height == pytest.approx(drawn[day], rel=0.5)  # within the day's range


def test_a_first_price_is_the_scale_of_the_fund_and_of_nothing_else(plain):
    again = run("data.first_price.SOXS=40")
    assert again.ledgers["SOXS"].close[0] == 40
    assert again.ledgers["SOXL"].close[0] == 100
    np.testing.assert_allclose(again.equity, plain.equity, rtol=1e-9)
    with pytest.raises(SpecError, match=r"data.first_price.TQQQ: TQQQ is no fund of this run"):
        run("data.first_price.TQQQ=40")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("costs.half_spread_cents=1", "half_spread_cents"),
        ("costs.commission_per_share=0.005", "commission_per_share"),
        ("account.whole_shares=true", "whole_shares"),
    ],
)
def test_what_is_asked_a_share_of_prices_that_are_not_as_traded_is_noted(change, words):
    said = f"{words}: prices of the funds are not as traded, as data.splits is none"
    assert any(note.startswith(said) for note in run(change).warnings)
    assert not any("not as traded" in note for note in run(change, "data.splits=issuer").warnings)


def test_real_splits_begin_with_the_fund_and_must_be_known():
    assert any(
        note.startswith("SOXS: it has real splits only since its inception on 2010-03-11")
        for note in run("data.splits=actual").warnings
    )
    with pytest.raises(FactError, match="no splits of UPRO are in the fact table"):
        run("data.splits=actual", 'data.funds=["UPRO"]')


def test_synth_writes_prices_as_traded_beside_the_ledger(tmp_path):
    files = {}
    for name in ("none", "issuer"):
        out = tmp_path / f"{name}.csv"
        done = letf(
            "synth", "SOXS", "--index", "nasdaq", "--end", "2012-12-31", "--splits", name, "--out", out
        )
        assert done.returncode == 0, done.stderr
        files[name] = pd.read_csv(out)
    plain, split = files["none"], files["issuer"]
    assert "split_factor" not in plain
    assert split["split_factor"].nunique() > 3
    for column in ("open", "high", "low", "close"):
        np.testing.assert_allclose(split[column], plain[column] * split["split_factor"], rtol=1e-10)
    np.testing.assert_array_equal(split["nav"], plain["nav"])
    # The price comes back after each split: never a penny, never a thousand.
    assert split["close"].min() > 0.5
    assert split["close"].max() < 1_000


def test_synth_refuses_what_cannot_be():
    args = ("synth", "SOXS", "--index", "nasdaq", "--out", "x.csv", "--splits")
    assert "no splits named 'often'" in letf(*args, "often").stderr
    assert "splits cannot go with a splice" in letf(*args, "issuer", "--splice", "SOXS").stderr
