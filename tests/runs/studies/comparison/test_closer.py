"""The page of a comparison: its first screen, and curves that are those of the frames."""

import numpy as np
import pandas as pd
import pytest

import letf
from tests.runs.backtest.files import DAYS, csv, spec

NAMES = ["rsi_timing", "trend", "hold", "dip", "tree", "pullback", "mix"]


@pytest.fixture(scope="module")
def compared():
    return letf.compare(NAMES, end="2003-12-31")


def lines(answer, pane):
    return {part.name: part for part in answer.pictures["compare"].closer().panes[pane].parts}


def test_the_first_screen_says_what_was_compared_and_the_best_of_it(compared):
    days, table = compared.equity.index, compared.table
    assert compared.asked.startswith(
        f"7 specs on nasdaq, {days[0]:%Y-%m-%d} to {days[-1]:%Y-%m-%d}, {len(days):,} daily bars · "
    )
    assert "SOXS and SOXL synthetic throughout" in compared.asked
    assert compared.asked.endswith("100,000 at the start")
    specs = table.drop(index="nasdaq held")
    held = table.loc["nasdaq held"]
    best = specs["total_return"].idxmax()
    first, ret, sharpe, drawdown, beat = compared.figures
    own = specs.loc[best]  # all of one spec: figures of several in a row read as those of one strategy
    assert (first.label, first.value) == ("best by total return", best)
    assert ret.label == "total return"
    assert ret.value == f"{100 * own['total_return']:+,.0f} %"
    assert ret.beside.startswith("nasdaq held: −")
    assert sharpe.value == f"{own['sharpe']:.2f}".replace("-", "−")
    assert drawdown.value == f"{100 * own['max_drawdown']:.1f} %".replace("-", "−")
    shallow = specs["max_drawdown"].idxmax()
    assert shallow != best
    least = 100 * specs["max_drawdown"].max()
    assert f"; best: {shallow}, −{-least:.1f} %" in drawdown.beside
    assert beat.value == f"{(specs['total_return'] > held['total_return']).sum()} of 7"
    assert compared.edge.word == "not asked: luck"
    assert f"letf robustness {best} " in compared.edge.said
    assert compared.lead == "compare"


def test_curves_are_the_equity_of_the_frame_over_its_drawdowns(compared):
    frame = compared.equity
    growth, falls = lines(compared, 0), lines(compared, 1)
    assert set(growth) == set(falls) == {*NAMES, "nasdaq held"}
    for name in NAMES:
        np.testing.assert_allclose(growth[name].values, frame[name] / 1_000.0, rtol=1e-12)
        below = frame[name] / frame[name].cummax().clip(lower=100_000.0) - 1.0
        np.testing.assert_allclose(falls[name].values, below, atol=1e-12)
    index = frame["nasdaq"]
    np.testing.assert_allclose(growth["nasdaq held"].values, 100.0 * index / index.iloc[0], rtol=1e-12)
    assert pd.DatetimeIndex(compared.pictures["compare"].closer().x).tolist() == frame.index.tolist()


def test_six_lines_are_shown_at_first_the_best_among_them(compared):
    for pane in (0, 1):
        shown = [name for name, line in lines(compared, pane).items() if line.shown]
        order = compared.table.drop(index="nasdaq held")["total_return"].sort_values(ascending=False)
        assert shown == ["nasdaq held", *order.index[:5]]
    assert "2 more are hidden until their names are pressed" in compared.pictures["compare"].closer().note


def test_the_first_sentence_names_the_best_and_by_what(compared):
    ranked = compared.table.drop(index="nasdaq held")["total_return"].sort_values(ascending=False)
    made = f"{100 * ranked.iloc[0]:+,.0f} %"  # beyond 1,000 % no decimals
    assert f", {ranked.index[0]} had the best total return, {made}; " in compared.headline


def test_both_kinds_of_prices_stand_side_by_side(tmp_path):
    csv(tmp_path / "CHIPS.csv")
    csv(tmp_path / "SOXL.csv", days=DAYS[20:], seed=9, scale=0.1)
    given = spec(tmp_path, "", ["data.rate=0.0"])
    found = letf.compare([given], traded=True, data_dir=tmp_path)
    assert found.asked.startswith("1 spec on CHIPS, on synthetic and on traded prices, ")
    assert f"SOXL synthetic until {DAYS[21]}" in found.asked  # its own bars need one before them
    (figure,) = found.figures
    synthetic, traded = found.table["total_return"].iloc[:2]
    assert figure.label == "run, traded prices"
    assert figure.value == f"{100 * traded:+.1f} %".replace("-", "−")
    assert figure.beside == f"synthetic: {100 * synthetic:+.1f} %".replace("-", "−")
    assert list(lines(found, 0)) == ["CHIPS held", "run, synthetic", "run, traded"]
    assert "could not be made" not in found.to_html()


def test_a_spec_on_simulated_prices_does_not_make_the_others_so(compared):
    assert compared.made_up == ""
    mixed = letf.compare(["average_bands", "fixed_mix"], end="2001-12-31")
    assert mixed.made_up == "fixed_mix uses prices that a model makes; those of the others are real."
    assert "<strong>SIMULATED in part.</strong> fixed_mix" in mixed.to_html()
    assert not mixed.headline.startswith("SIMULATED")
    table = next(t for part in mixed.sections for t in part.tables if t.title == "The best return first")
    names = ["average_bands", "fixed_mix (SIMULATED)", "nasdaq held"]
    assert sorted(row[0] for row in table.rows) == names


def test_the_table_begins_with_what_is_asked_for_most(compared):
    table = next(t for part in compared.sections for t in part.tables if t.title == "The best return first")
    seen = table.headings[: len(table.headings) - table.more[0]]
    assert seen == [
        *("spec", "total return", "CAGR", "volatility", "Sharpe", "worst drawdown"),
        *("trades", "holds", "index exposure", "costs paid"),
    ]
    for row in table.rows:
        fund = {"rsi_timing": "SOXS", "trend": "SOXL"}.get(row[0])
        if fund is not None:
            assert row[seen.index("holds")] == fund
            exposure = 100 * compared.table.loc[row[0], "exposure_index"]
            assert row[seen.index("index exposure")] == f"{exposure:.0f} %".replace("-", "−")
    rest = table.headings[len(seen) :]
    assert set(rest) >= {"won", "days under water", "beta", "alpha a year", "interest earned"}
