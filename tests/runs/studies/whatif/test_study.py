"""Simulation and closed form against prospectuses, exact means and a closed form reckoned anew."""

import csv
import math

import numpy as np
import pytest

from letf_instruments import LeveragedFund, SpecError
from runs.answers.words import percent
from runs.studies.inputs import load_inputs
from runs.studies.whatif.closed import closed, closed_quantile
from runs.studies.whatif.market import BRIDGED, ENDINGS, FREE, NORMAL, RESAMPLED, Market
from runs.studies.whatif.study import (
    checked_funds,
    checked_market,
    what_if,
    whatif_metrics,
)
from runs.studies.whatif.words import bridged_sentences, quantile_table
from tests.conftest import EXPECTED

TABLES = {-3.0: "bear3x", -2.0: "bear2x", 2.0: "bull2x", 3.0: "bull3x"}


def found_on(market, multiples=(3.0, -3.0), rate=0.0, paths=4000, **facts):
    inputs = load_inputs("1X", "nasdaq", rate, start="2009-01-01")
    funds = [LeveragedFund(f"F{multiple:g}", multiple, **facts) for multiple in multiples]
    return what_if(inputs, funds, market, paths, 1)


@pytest.mark.parametrize("multiple", TABLES)
def test_the_closed_form_is_every_cell_of_the_prospectus(multiple):
    """Zero rates, no fee: (1 + x)^b · exp((b − b²)/2 · σ²) − 1, rounded to a tenth of a per cent."""
    (asked,) = found_on(Market(0.0, 0.2, 252), (multiple,), paths=100).asked
    seen = 0
    with (EXPECTED / f"prospectus_{TABLES[multiple]}.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            for key, value in row.items():
                if key.startswith("vol_"):
                    market = Market(float(row["index_return"]), float(key[4:]) / 100, 252)
                    made = closed(asked, market, market.total_return, market.volatility)
                    assert 100 * made == pytest.approx(float(value), abs=0.0501)
                    seen += 1
    assert seen == 65


def test_simulated_medians_are_the_prospectus_s_where_days_are_small():
    """Direxion and ProShares print −17.1 and −31.3 % for a flat index at 25 % volatility."""
    found = found_on(Market(0.0, 0.25, 252))
    for ticker, printed in (("F3", -0.171), ("F-3", -0.313)):
        assert found.outcomes[ticker, NORMAL, BRIDGED].quantile(0.5) == pytest.approx(printed, abs=0.006)


def test_what_a_daily_reset_adds_to_the_closed_form():
    """The next terms of log(1 + b(e^x − 1)), the cumulant function of a Bernoulli variable at p = b:
    κ3 = b(1−b)(1−2b), κ4 = b(1−b)(1−6b(1−b)); normal days have no third moment, and a fourth of 3s⁴."""
    volatility, days = 0.45, 252
    found = found_on(Market(0.0, volatility, days), paths=20_000)
    for b, ticker in ((3.0, "F3"), (-3.0, "F-3")):
        variance = volatility**2 / 252
        fourth = b * (1 - b) * (1 - 6 * b * (1 - b)) / 24 * 3 * variance**2
        expected = days * (b * (1 - b) / 2 * variance + fourth)
        ends = np.log1p(found.outcomes[ticker, NORMAL, BRIDGED].end)
        error = ends.std() / math.sqrt(len(ends))
        assert ends.mean() == pytest.approx(expected, abs=4 * error + 1e-3)
        assert abs(4 * error + 1e-3) < abs(days * fourth)  # the bound would see it missing


@pytest.mark.parametrize("shape", [NORMAL, RESAMPLED])
def test_the_mean_of_free_paths_is_exact(shape):
    """Days are independent, so E[L] = ∏(1 + b·E[r] + carry): E[r] the n-th root of the mean end, carry by
    hand from rate, spread and fee, ACT/360 and ACT/365."""
    market, rate, spread, fee = Market(0.1, 0.3, 60), 0.04, 0.005, 0.0095
    found = found_on(market, (3.0, -3.0), rate, 20_000, expense_ratio=fee, spread=spread)
    from letf_instruments.settlement import settled_days

    swap = settled_days(found.sessions)[1:] / 360
    held = np.diff(found.sessions).astype(int) / 365
    daily = 1.1 ** (1 / 60) - 1
    for b, ticker in ((3.0, "F3"), (-3.0, "F-3")):
        legs = -2 * (rate + spread) if b > 0 else 3 * (rate - spread) + rate
        expected = float(np.prod(1 + b * daily + legs * swap - fee * held))
        ends = 1.0 + found.outcomes[ticker, shape, FREE].end
        assert ends.mean() == pytest.approx(expected, abs=4 * ends.std() / math.sqrt(len(ends)))


@pytest.mark.parametrize("ending", ENDINGS)
def test_quantiles_of_simulation_and_closed_form_lie_together(ending):
    market = Market(0.15, 0.3, 252)
    found = found_on(market, (3.0, -3.0, 0.5), 0.03, 20_000, expense_ratio=0.01, spread=0.005)
    for asked in found.asked:
        own = found.outcomes[asked.fund.ticker, NORMAL, ending]
        for q in (0.05, 0.25, 0.5, 0.75, 0.95):
            expected = math.log1p(closed_quantile(asked, market, found.shapes[0], ending, q))
            width = 0.02 if ending == BRIDGED else 0.06
            assert math.log1p(own.quantile(q)) == pytest.approx(expected, abs=width)


def test_a_wild_market_wipes_out_and_it_is_counted():
    found = found_on(Market(0.0, 3.0, 60), (-3.0,), paths=500)
    metrics = whatif_metrics(found)
    own = found.outcomes["F-3", NORMAL, FREE]
    assert 0 < own.wiped_out == (own.end == -1.0).sum() == metrics["F-3_free_normal_wiped_out"]
    assert metrics["F-3_free_normal_p05"] == -1.0
    assert metrics["F-3_free_normal_half_lost_on_the_way"] >= metrics["F-3_free_normal_half_lost"]


def test_shares_are_those_of_the_ends():
    found = found_on(Market(0.05, 0.4, 100), (3.0,), paths=1000)
    metrics = whatif_metrics(found)
    fund, index = found.outcomes["F3", RESAMPLED, FREE].end, found.index[RESAMPLED, FREE].end
    assert metrics["F3_free_resampled_loss"] == (fund < 0).mean()
    assert metrics["F3_free_resampled_half_lost"] == (fund < -0.5).mean()
    assert metrics["F3_free_resampled_less_than_promised"] == (fund < 3 * index).mean()
    assert metrics["F3_free_resampled_less_than_index"] == (fund < index).mean()
    assert metrics["F3_free_resampled_p25"] == np.quantile(fund, 0.25)


def test_the_market_follows_the_last_session_on_new_york_s_calendar():
    days = found_on(Market(0.0, 0.3, 252), paths=100).sessions
    assert [str(day) for day in days[:3]] == ["2018-12-31", "2019-01-02", "2019-01-03"]
    assert (len(days), str(days[-1])) == (253, "2019-12-31")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ((-1.0, 0.4, 252), "return is -1.0"),
        ((0.0, 0.0, 252), "volatility is 0.0"),
        ((0.0, 45, 252), "volatility is 45; it must be a number from 0.01 to 3"),
        ((0.0, 0.4, 1), "days is 1"),
        ((3.0, 0.05, 252), "takes a volatility of 8.7 %"),
    ],
)
def test_a_market_that_cannot_be_is_refused(given, says):
    with pytest.raises(SpecError, match=says.replace("(", r"\(")):
        checked_market(*given)


def test_funds_are_few_and_each_once():
    with pytest.raises(SpecError, match="each once"):
        checked_funds([LeveragedFund("A", 2.0), LeveragedFund("A", 2.0)])
    with pytest.raises(SpecError, match="none; name 1 to 4"):
        checked_funds([])


@pytest.mark.parametrize("b", [3.0, -3.0])
def test_a_row_of_quantiles_pairs_the_index_with_its_own_multiple(b):
    found = found_on(Market(0.0, 0.45, 252), (b,), paths=1000)
    (asked,) = found.asked
    table = quantile_table(found, asked, FREE, whatif_metrics(found))
    ends = np.sort(found.index[RESAMPLED, FREE].end)
    fund = found.outcomes[asked.fund.ticker, RESAMPLED, FREE].end
    for q, row in zip((0.05, 0.25, 0.5, 0.75, 0.95), table.rows, strict=False):
        at = np.quantile(ends, q if b > 0 else 1.0 - q)  # a bear's low end goes with the index's high one
        wanted = [percent(float(v)) for v in (at, b * at, np.quantile(fund, q))]
        assert [row[1], row[2], row[-1]] == wanted
    assert ("as far from the top" in table.title) == (b < 0)


def test_the_closed_form_of_the_text_says_how_it_differs_from_that_of_the_table():
    """One is at the volatility asked, the other the median over what so many normal days realise."""
    found = found_on(Market(0.0, 0.45, 252), (3.0,), paths=100)
    metrics = whatif_metrics(found)
    exact, median = (percent(metrics[f"F3_{key}"]) for key in ("closed_form", f"{BRIDGED}_closed_form_p50"))
    assert exact != median
    said = bridged_sentences(found, metrics)[0]
    assert said.startswith(
        f"F3, +3 × the index 0.0 %: {exact} by the closed form at exactly 45 % volatility, {median} at the "
        "median"
    )
    table = quantile_table(found, found.asked[0], BRIDGED, metrics)
    column = table.headings.index("closed form")
    assert next(row for row in table.rows if row[0] == "median")[column] == median
