"""When funds split, how the factor follows, and that nothing is known before its time."""

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from letf_instruments import FactError, SpecError, known_fund
from letf_instruments.splits import (
    FORWARD,
    REVERSE,
    ActualSplits,
    IssuerSplits,
    Ratio,
    SplitTracker,
    split_factors,
    split_policy,
)
from letf_instruments.tables import rows


def days(n, start="2020-01-06"):
    return np.busday_offset(np.datetime64(start, "D"), np.arange(n), roll="forward")


def events(policy, nav, sessions=None):
    """(bar, new shares per old) of each split, and the price as traded."""
    sessions = days(len(nav)) if sessions is None else sessions
    factor, split = split_factors(policy, sessions, np.asarray(nav, dtype=float))
    return [(int(i), float(split[i])) for i in np.flatnonzero(split != 1)], factor * nav


# -- real splits ------------------------------------------------------------------------------------


def test_a_reverse_split_of_one_for_ten_makes_the_price_ten_times_as_high_on_its_ex_date():
    policy = ActualSplits((np.datetime64("2020-01-08"),), (Ratio(1, 10),))
    made, price = events(policy, [5.0, 4.0, 4.4, 4.2])
    assert made == [(2, 0.1)]
    assert price.tolist() == [5.0, 4.0, 44.0, 42.0]


def test_splits_before_the_first_session_are_past_and_one_on_a_closed_day_waits_for_the_next_session():
    dates = tuple(np.datetime64(d) for d in ("2019-06-28", "2020-01-06", "2020-01-11"))
    made, _ = events(ActualSplits(dates, (Ratio(1, 10), Ratio(1, 2), Ratio(1, 4))), [1.0] * 8)
    assert made == [(5, 0.25)]  # 2020-01-11 is a Saturday; bar 5 is Monday the 13th


def test_intraday_it_is_the_first_bar_of_the_session():
    policy = ActualSplits((np.datetime64("2020-01-07"),), (Ratio(2, 1),))
    made, price = events(policy, [100.0] * 6, np.repeat(days(2), 3))
    assert made == [(3, 2.0)]
    assert price.tolist() == [100.0] * 3 + [50.0] * 3


def test_the_real_ex_dates_and_ratios_of_soxs_are_those_of_the_fact_table():
    sessions = days(4_400, "2010-03-11")
    made, price = events(split_policy("actual", known_fund("SOXS")), np.ones(4_400), sessions)
    assert [(str(sessions[i]), size) for i, size in made] == [
        ("2011-02-24", 1 / 5),
        ("2013-08-20", 1 / 4),
        ("2015-05-20", 1 / 4),
        ("2017-05-01", 1 / 5),
        ("2019-06-28", 1 / 10),
        ("2020-08-28", 1 / 12),
        ("2022-03-28", 1 / 10),
        ("2024-04-15", 1 / 10),
        ("2026-03-05", 1 / 20),
        ("2026-07-15", 1 / 10),
    ]
    assert price[-1] == 5 * 4 * 4 * 5 * 10 * 12 * 10 * 10 * 20 * 10


@pytest.mark.market
@pytest.mark.parametrize("ticker", ["SOXS", "SOXL"])
def test_the_factor_changes_as_that_of_real_prices_does(ticker, market_folder):
    with (market_folder / "as_traded" / f"{ticker}.csv").open(newline="") as file:
        real = list(csv.DictReader(file))
    sessions = np.array([r["date"] for r in real], dtype="datetime64[D]")
    traded = np.array([float(r["close"]) for r in real])
    wanted = np.array([float(r["split_factor"]) for r in real])
    policy = split_policy("actual", known_fund(ticker))
    factor, split = split_factors(policy, sessions, traded / wanted)
    steps = wanted[1:] / wanted[:-1]
    np.testing.assert_allclose(factor[1:] / factor[:-1], steps, rtol=1e-6)
    assert ((split[1:] != 1) == (np.abs(steps - 1) > 1e-3)).all()


def test_a_fund_of_which_no_split_is_known_is_refused_by_name():
    with pytest.raises(FactError, match=r"no splits of SQQQ .* SOXS, SOXL, TQQQ; splits = .issuer"):
        split_policy("actual", known_fund("SQQQ"))
    with pytest.raises(SpecError, match="no splits named 'yahoo'"):
        split_policy("yahoo", known_fund("SOXS"))


# -- an issuer's habit ------------------------------------------------------------------------------


def test_an_issuer_waits_for_ten_low_closes_and_announces_ten_sessions_ahead():
    nav = [7.0] * 3 + [4.0] * 30  # the tenth close below 6 is on bar 12
    made, price = events(IssuerSplits(), nav)
    assert made == [(22, 0.1)]
    assert price[21] == 4.0
    assert price[22] == 40.0


def test_one_close_above_the_level_starts_the_count_again():
    nav = [4.0] * 9 + [6.5] + [4.0] * 19
    assert events(IssuerSplits(), nav)[0] == []
    assert events(IssuerSplits(), [*nav, 4.0])[0] == [(29, 0.1)]


def test_a_high_price_is_split_forward():
    made, price = events(IssuerSplits(sessions=1, notice=1), [40.0, 160.0, 160.0, 640.0, 640.0])
    # 160 becomes 40; by then the factor is a quarter, so that 640 is 160 again.
    assert made == [(2, 4.0), (4, 4.0)]
    assert price.tolist() == [40.0, 160.0, 40.0, 160.0, 40.0]


@pytest.mark.parametrize(
    ("close", "ratio"),
    [
        (5.14, Ratio(1, 10)),  # SOXS 2019
        (3.63, Ratio(1, 12)),  # SOXS 2020
        (1.93, Ratio(1, 20)),  # SOXS 2026-03
        (4.28, Ratio(1, 10)),  # SOXS 2026-07
        (638.4, Ratio(15, 1)),  # SOXL 2021
    ],
)
def test_the_ratio_is_the_one_that_was_chosen_at_real_prices(close, ratio):
    assert IssuerSplits().ratio(close) == ratio


def test_a_fund_that_is_wiped_out_is_never_split():
    assert events(IssuerSplits(), [10.0] + [0.0] * 40)[0] == []


def test_all_ratios_are_those_of_the_fact_table():
    kept = {(int(r["new_shares"]), int(r["old_shares"])) for r in rows("splits")}
    assert {(1, n) for n in REVERSE} | {(n, 1) for n in FORWARD} == kept


def test_levels_out_of_order_are_refused():
    with pytest.raises(SpecError, match="must lie between"):
        IssuerSplits(low=50)
    with pytest.raises(SpecError, match="notice is 0"):
        IssuerSplits(notice=0)


@pytest.mark.market
def test_the_habit_keeps_a_bear_fund_where_its_issuer_kept_it(market_folder):
    """SOXS was split 7 times to 2023 and traded between 3.2 and 112. What a cent is of its price, on the
    mean of all days, comes within a quarter."""
    with (market_folder / "as_traded" / "SOXS.csv").open(newline="") as file:
        real = list(csv.DictReader(file))
    sessions = np.array([r["date"] for r in real], dtype="datetime64[D]")
    traded = np.array([float(r["close"]) for r in real])
    factor = np.array([float(r["split_factor"]) for r in real])
    made, price = events(IssuerSplits(), traded / factor * factor[0], sessions)
    assert 5 <= len(made) <= 9
    assert np.mean(1 / price) == pytest.approx(np.mean(1 / traded), rel=0.25)
    assert price.min() > 3.0


# -- all policies -----------------------------------------------------------------------------------


@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(1, 200), st.integers(1, 5), st.integers(1, 5))
def test_streaming_gives_the_same_bits_and_the_future_changes_nothing(seed, a_day, n, sessions, notice):
    rng = np.random.default_rng(seed)
    nav = 20 * np.exp(np.cumsum(0.3 * rng.standard_normal(n)))
    stamps = np.repeat(days(n), a_day)[:n]
    policy = IssuerSplits(sessions=sessions, notice=notice)
    factor, split = split_factors(policy, stamps, nav)
    tracker = SplitTracker(policy)
    for t in range(n):
        assert tracker.bar(stamps[t], nav[t]) == split[t]
        assert tracker.factor == factor[t]
    cut = int(rng.integers(0, n)) + 1
    early = split_factors(policy, stamps[:cut], nav[:cut])
    np.testing.assert_array_equal(early, (factor[:cut], split[:cut]))


def test_without_a_policy_nothing_is_split():
    factor, split = split_factors(None, days(3), np.array([100.0, 0.01, 1e6]))
    assert factor.tolist() == split.tolist() == [1.0, 1.0, 1.0]
    assert split_policy("none", known_fund("SOXS")) is None
