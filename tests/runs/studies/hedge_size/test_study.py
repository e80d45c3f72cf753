"""The size, the drift and the yearly cost of a hedge, against facts §7, hand and a plain loop."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.reading.memory import Memory
from letf_instruments import DataError, SpecError
from runs.studies.hedge_size.inputs import load_hedged
from runs.studies.hedge_size.study import (
    beta_after,
    size_hedge,
    size_metrics,
    size_of,
    week_drift,
    year_frame,
)
from runs.studies.hedge_size.words import explained, headline, key_figures
from tests.conftest import random_bars


def closes(values, start="2019-01-02"):
    days = pd.bdate_range(start, periods=len(values))
    return pd.Series(np.asarray(values, dtype=float), index=days)


def bars(values, start="2019-01-02"):
    close = closes(values, start)
    before = close.shift(1).fillna(close.iloc[0])
    rows = {
        "open": before,
        "high": np.maximum(before, close),
        "low": np.minimum(before, close),
        "close": close,
    }
    return pd.DataFrame({**rows, "volume": 1.0})


def market(n=700, betas=(1.5, 0.8), noise=0.01, seed=3):
    rng = np.random.default_rng(seed)
    x = 0.02 * rng.standard_normal(n)
    x[0] = 0.0
    index = bars(100 * np.cumprod(1 + x))
    assets = {}
    for i, beta in enumerate(betas):
        r = beta * x + noise * rng.standard_normal(n)
        r[0] = 0.0
        assets[f"A{i}"] = closes(50 * np.cumprod(1 + r))
    return index, assets


def loaded(index, assets, held, fund="SOXS", rates=0.0, **more):
    return load_hedged(
        held,
        fund,
        Memory("X", index),
        assets={name: Memory(name, series) for name, series in assets.items() if name in held},
        rates=rates,
        **more,
    )


def test_dollars_are_beta_times_value_over_three():
    """Facts §7: neutral is beta·V/3; at a target of 0.3 of a holding of beta 1, (1 − 0.3)·V/3."""
    assert size_of(1.0, 0.0, 90_000.0, -3.0) == 30_000.0
    assert size_of(1.0, 0.3, 100_000.0, -3.0) == pytest.approx(23_333.333333)
    assert size_of(0.5, 2.0, 90_000.0, 3.0) == 45_000.0


@given(
    beta=st.floats(0.2, 3), target=st.floats(-1, 0.2), move=st.floats(-0.2, 0.2), b=st.sampled_from((-3, -1))
)
def test_the_drift_is_what_exposures_over_holding_come_to(beta, target, move, b):
    """Holding 1, of which β is index: after r it is 1 + β·r with exposure β of that; the fund has b times its
    own dollars, which grew by b·r."""
    hedge = (beta - target) / -b
    exposure = beta * (1 + beta * move) + b * hedge * (1 + b * move)
    assert beta_after(beta, target, b, move) == pytest.approx(exposure / (1 + beta * move), abs=1e-12)


def test_near_nothing_it_is_four_times_the_move():
    """Facts §7: (1 − b)·r, 4·r for −3x; a ±10 % band is hit by a move of 2.5 %."""
    assert beta_after(1.0, 0.0, -3.0, 1e-6) / 1e-6 == pytest.approx(4.0, rel=1e-4)
    assert beta_after(1.0, 0.0, -3.0, 0.025) == pytest.approx(0.1, abs=0.003)


def test_a_holding_of_the_index_itself_needs_a_third_of_itself_and_its_beta_is_certain():
    index, _ = market()
    data = loaded(index, {"A0": index["close"]}, {"A0": 60_000.0})
    sized = size_hedge(data, 0.0, 252, 0.0)
    assert sized.whole.beta == pytest.approx(1.0, abs=1e-12)
    assert sized.whole.error == pytest.approx(0.0, abs=1e-9)
    assert sized.dollars == pytest.approx(20_000.0)
    assert sized.shares == round(20_000.0 / data.price)


def test_the_beta_of_all_is_the_mean_of_its_parts_and_the_excess_over_the_rate_counts():
    index, assets = market()
    data = loaded(index, assets, {"A0": 30_000.0, "A1": 70_000.0}, rates=0.05)
    sized = size_hedge(data, 0.0, 500, 0.0)
    parts = {name: own.beta for name, own in sized.slopes.items()}
    assert sized.whole.beta == pytest.approx(0.3 * parts["A0"] + 0.7 * parts["A1"])
    assert parts == {"A0": pytest.approx(1.5, abs=0.1), "A1": pytest.approx(0.8, abs=0.1)}
    days = index.index.to_numpy().astype("datetime64[D]")
    night = 0.05 * np.diff(days).astype(int) / 360
    x = index["close"].pct_change().to_numpy()[1:] - night
    y = assets["A0"].pct_change().to_numpy()[1:] - night
    assert parts["A0"] == pytest.approx(np.polyfit(x[-500:], y[-500:], 1)[0])
    low, high = sized.band
    assert (low + high) / 2 == pytest.approx(0.0, abs=1e-12)
    assert high - low == pytest.approx(2 * 1.959964 * sized.whole.error, rel=1e-6)


def test_the_beta_after_a_week_counts_each_name_and_the_fund_as_they_moved():
    index, assets = market(80)
    data = loaded(index, assets, {"A0": 10_000.0, "A1": 5_000.0})
    drift = week_drift(data, {"A0": 1.5, "A1": 0.8}, 4_000.0)
    assert len(drift.beta) == 75
    at = 31
    grown = {n: s.iloc[at + 5] / s.iloc[at] for n, s in assets.items()}
    fund = 4_000.0
    for t in range(at, at + 5):  # by hand: a fund without financing but with its fee, day by day
        fund *= data.ledger.nav[t + 1] / data.ledger.nav[t]
    held = 10_000 * grown["A0"], 5_000 * grown["A1"]
    expected = (1.5 * held[0] + 0.8 * held[1] - 3 * fund) / sum(held)
    assert drift.beta[at] == pytest.approx(expected)
    assert drift.move[at] == pytest.approx(index["close"].iloc[at + 5] / index["close"].iloc[at] - 1)


def test_without_noise_of_their_own_past_and_closed_form_lie_together():
    """The index itself is held: what separates them is compounding, (b² − b)/2·σ² and the like of a week."""
    index, _ = market(1500)
    data = loaded(index, {"A0": index["close"]}, {"A0": 60_000.0})
    sized = size_hedge(data, 0.0, 252, 0.0)
    off = sized.drift.beta - sized.after(sized.drift.move)
    assert np.abs(np.median(off)) < 0.02
    assert np.quantile(np.abs(off), 0.9) < 0.06


def plain_years(data, hedge, bps):
    """The yearly profits by a plain loop over days, dollars and shares."""
    out = {}
    days = data.inputs.bars.sessions
    years = days.astype("datetime64[Y]").astype(str)
    months = days.astype("datetime64[M]")
    for year in dict.fromkeys(years.tolist()):
        at = np.flatnonzero(years == year)
        start = at[0] - 1 if at[0] else 0
        units = {n: data.held[n] / data.values[n][start] for n in data.held}
        for way in ("monthly", "never"):
            shares, profit = hedge / data.ledger.nav[start], 0.0
            for t in range(start + 1, at[-1] + 1):
                profit += shares * (data.ledger.nav[t] - data.ledger.nav[t - 1])
                month_ends = t + 1 < len(days) and months[t] != months[t + 1]
                if way == "monthly" and month_ends and t < at[-1]:
                    held = sum(units[n] * data.values[n][t] for n in units)
                    wanted = hedge / data.total * held / data.ledger.nav[t]
                    profit -= abs(wanted - shares) * data.ledger.nav[t] * bps / 1e4
                    shares = wanted
            out[year, way] = profit
    return out


def test_years_are_those_of_a_plain_loop():
    index, assets = market(700)
    data = loaded(index, assets, {"A0": 30_000.0, "A1": 20_000.0}, rates=0.03)
    sized = size_hedge(data, 0.2, 252, 10.0)
    expected = plain_years(data, sized.dollars, 10.0)
    assert [year.label for year in sized.years] == ["2019", "2020", "2021"]
    assert [year.whole for year in sized.years] == [False, True, False]
    for year in sized.years:
        for way in ("monthly", "never"):
            assert year.profit[way] == pytest.approx(expected[year.label, way], rel=1e-9)
            assert year.cost(way) == pytest.approx(year.promised - year.profit[way])
        assert year.costs["never"] == 0.0 < year.costs["monthly"]


def test_the_job_is_the_exposure_times_the_moves():
    """On one day of −2 % with a holding of the index of 60,000: −3 × 20,000 × −2 % = +1,200."""
    values = np.full(90, 100.0) * np.tile([1.0, 1.0001], 45)
    values[70:] *= 0.98
    index = bars(values)
    data = loaded(index, {"A0": index["close"]}, {"A0": 60_000.0})
    sized = size_hedge(data, 0.0, 60, 0.0)
    calm = sum(np.diff(values[:70]) / values[:69]) + sum(np.diff(values[70:]) / values[70:-1])
    assert sized.years[0].promised == pytest.approx(1_200.0, abs=60_000 * (abs(calm) + 0.0002))


def test_a_target_that_the_fund_cannot_reach_is_refused():
    index, assets = market()
    data = loaded(index, assets, {"A0": 1000.0})
    with pytest.raises(
        SpecError, match=r"2.00 cannot be reached by buying SOXS: the holding's is 1.\d\d, and SOXS"
    ):
        size_hedge(data, 2.0, 252, 0.0)
    bull = loaded(index, assets, {"A0": 1000.0}, fund="SOXL")
    with pytest.raises(
        SpecError, match=r"only raises it; target_beta must be at least 1.\d\d, or take a bear"
    ):
        size_hedge(bull, 0.0, 252, 0.0)
    assert size_hedge(bull, 2.0, 252, 0.0).dollars > 0


def test_more_returns_than_there_are_and_a_dead_fund_are_refused():
    index, assets = market(200)
    data = loaded(index, assets, {"A0": 1000.0})
    with pytest.raises(SpecError, match="beta_bars is 252, but index and holding have 199 returns"):
        size_hedge(data, 0.0, 252, 0.0)
    values = np.full(100, 100.0) + np.arange(100) % 2
    values[50:] *= 1.5
    with pytest.raises(SpecError, match=r"SOXS is wiped out on .*; nothing can be hedged"):
        loaded(bars(values), {"A0": closes(values)}, {"A0": 1000.0})


def test_a_holding_that_begins_later_narrows_all_to_what_is_common():
    index, assets = market(300)
    late = assets["A0"].iloc[100:]
    data = loaded(index, {"A0": late}, {"A0": 1000.0})
    assert len(data.inputs.bars) == len(data.values["A0"]) == len(data.ledger.nav) == 200
    assert any("have in common" in note for note in data.notes)
    with pytest.raises(DataError, match="have 50 sessions in common, 60 are needed"):
        loaded(index, {"A0": assets["A0"].iloc[250:]}, {"A0": 1000.0})


def test_the_price_is_given_traded_or_synthetic_and_says_which(tmp_path):
    index, assets = market(300)
    held = {"A0": 1000.0}
    assert loaded(index, assets, held, price=9.85).priced == "as given"
    synthetic = loaded(index, assets, held)
    assert "no price at which SOXS trades" in synthetic.priced
    nav = synthetic.ledger.nav
    traded = pd.DataFrame(dict.fromkeys(("open", "high", "low", "close"), nav / 4), index=index.index)
    traded["volume"] = 1.0
    own = loaded(index, assets, held, traded=Memory("SOXS", traded))
    assert own.priced == f"as traded on {index.index[-1].date()}"
    assert own.price == pytest.approx(nav[-1] / 4)
    with pytest.raises(DataError, match="SOXS has no price on"):
        loaded(index, assets, held, traded=Memory("SOXS", traded.iloc[:-1]))


def test_assets_of_which_nothing_is_held_are_refused():
    index, assets = market(100)
    with pytest.raises(SpecError, match="assets name A1, of which nothing is held"):
        load_hedged({"A0": 1000.0}, "SOXS", Memory("X", index), assets={"A1": Memory("A1", assets["A1"])})


def test_random_bars_are_sized_without_a_warning():
    assert math.isfinite(size_of(1.1, 0.1, 5.0, -3.0))
    b = random_bars(2, 300)
    frame = pd.DataFrame(
        {c: getattr(b, c) for c in ("open", "high", "low", "close", "volume")},
        index=pd.DatetimeIndex(b.sessions.astype("datetime64[s]")),
    )
    data = loaded(frame, {"A0": frame["close"]}, {"A0": 10.0}, fund="1X")
    assert size_hedge(data, 1.5, 100, 5.0).dollars == pytest.approx(5.0)


def test_what_the_hedge_made_a_year_stands_beside_what_it_cost_beyond_its_job():
    index, assets = market(1200)
    sized = size_hedge(loaded(index, assets, {"A0": 1000.0}), 0.0, 252, 0.0)
    frame = year_frame(sized)
    whole = frame.iloc[1:-1]  # the first year has no close before it, the last ends in August
    assert list(whole.index) == ["2020", "2021", "2022"]
    made, cost = whole["profit_monthly"].mean(), whole["cost_monthly"].mean()
    figure = key_figures(sized, size_metrics(sized))[-1]
    assert figure.label == "hedge made a year"
    assert figure.value == f"${made:,.0f}".replace("$-", "−$")
    job = f"${whole['promised'].mean():,.0f}".replace("$-", "−$")
    parts = f"its job {job}, {'cost' if cost > 0 else 'gain'} beyond it ${abs(cost):,.0f}"
    assert figure.beside.startswith(f"{parts} (")
    assert f"it would have made {figure.value} a year: {parts}." in headline(sized)
    # The years that the mean leaves out are in the range: one of them may be the worst.
    by_year = frame["profit_monthly"]
    ends = []
    for label in (by_year.idxmin(), by_year.idxmax()):
        money = f"${by_year[label]:,.0f}".replace("$-", "−$")
        ends.append(f"{money} ({label}{'' if label in whole.index else ', not in the mean'})")
    assert figure.beside.endswith(f"; by year from {ends[0]} to {ends[1]}")


def test_a_beta_known_exactly_has_no_band():
    index, _ = market(700)
    sized = size_hedge(loaded(index, {"X": index["close"]}, {"X": 1000.0}), 0.0, 252, 0.0)
    figures = {figure.label: figure for figure in key_figures(sized, size_metrics(sized))}
    assert figures["you hold"].beside == "beta 1.00"
    assert figures["the beta is then"].value == "0.00"
    assert "is known to" not in headline(sized)


@pytest.mark.parametrize(
    ("part", "rest"),
    [(0.9999, ""), (0.87, "; the other 13 % of its variance stay whatever is bought")],
)
def test_where_the_index_explains_all_there_is_no_rest_to_tell(part, rest):
    share = f"{100 * part:.0f} %"
    assert explained(part) == f"The index explains {share} of what the holding moved by{rest}."
