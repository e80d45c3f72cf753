"""The tables of windows that are set down by hand: texts as a person would write them."""

import datetime

import numpy as np
import pytest

from runs.robustness.walk_forward.figures import walk_metrics
from runs.robustness.walk_forward.tables import account_rows, window_rows
from tests.runs.robustness.walk_forward.by_hand import EQUITY, INDEX, walked


@pytest.fixture(scope="module")
def found():
    return walked()


def test_a_row_an_account_with_its_return_and_risk(found):
    headings, rows = account_rows(found, walk_metrics(found))
    assert headings == ["account", "total return", "CAGR", "volatility", "Sharpe", "worst drawdown"]
    named = {row[0]: dict(zip(headings[1:], row[1:], strict=True)) for row in rows}
    assert list(named) == ["chosen in each window", "the best cell in hindsight", "CASE held"]
    own, best, index = named.values()
    assert (own["total return"], index["total return"]) == ("−1.0 %", "−7.6 %")
    assert best["total return"] == "+50.0 %"
    assert (own["worst drawdown"], index["worst drawdown"]) == ("−10.0 %", "−20.0 %")
    assert best["worst drawdown"] == "0.0 %"
    years = (datetime.date(2018, 1, 31) - datetime.date(2018, 1, 12)).days / 365.25
    assert index["CAGR"] == f"−{100 * (1 - 0.924 ** (1 / years)):.1f} %"
    for shown, money in ((own, EQUITY), (index, INDEX)):
        volatility = np.std(np.diff(money) / money[:-1], ddof=1) * np.sqrt(252)
        assert shown["volatility"] == f"{100 * volatility:.1f} %"  # of risk there is no sign


def test_the_sharpe_ratio_is_over_what_cash_earned_on_the_same_nights(found):
    headings, rows = account_rows(found, walk_metrics(found))
    nights = np.diff(found.test).astype(int)
    excess = np.diff(INDEX) / INDEX[:-1] - 0.02 * nights / 360
    sharpe = excess.mean() / excess.std(ddof=1) * np.sqrt(252)
    assert rows[2][headings.index("Sharpe")] == f"{sharpe:.2f}".replace("-", "−")


def test_a_row_a_window(found):
    headings, rows = window_rows(found)
    assert headings == [
        *("traded from", "to", "day", "Sharpe in training", "in the test", "return", "CASE held", "trades")
    ]
    assert rows == [
        ["2018-01-15", "2018-01-19", "0", "1.00", "0.50", "+10.0 %", "+5.0 %", "2"],
        ["2018-01-22", "2018-01-26", "4", "2.00", "−1.00", "−10.0 %", "−20.0 %", "3"],
        ["2018-01-29", "2018-01-31", "4", "3.00", "n/a", "0.0 %", "+10.0 %", "0"],
    ]
