"""Where the facts end, and which are assumed, stands beside what rests on them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import letf
from letf_instruments import Dated, LeveragedFund, known_fund
from letf_instruments.tables import rows
from runs.answers.fact_words import spread_notes, spread_origin


def day(text):
    return np.datetime64(text, "D")


def test_within_the_years_of_the_fits_there_is_nothing_to_say():
    assert spread_notes([known_fund("SOXL")], day("2012-01-03"), day("2023-12-29")) == []


def test_a_spread_that_is_carried_on_says_how_far():
    (said,) = spread_notes([known_fund("SOXL")], day("2012-01-03"), day("2026-12-29"))
    last = [row["fitted_to"] for row in rows("financing_spreads") if row["ticker"] == "SOXL"][-1]
    years = (day("2026-12-29") - day(last)).astype(int) / 365.25
    assert said == (
        f"SOXL: the financing spread is fitted to prices up to {last} and carried on to 2026-12-29, "
        f"{years:.1f} years"
    )


def test_before_the_fund_it_is_the_mean_of_later_fits_and_funds_alike_are_named_together():
    (said,) = spread_notes([known_fund("SOXL"), known_fund("SOXS")], day("1999-01-04"), day("2018-12-31"))
    assert said.startswith(
        "SOXL and SOXS: until 2010-12-31 the financing spread is the mean of fits to later"
    )


def test_an_assumed_one_is_called_so_in_a_run_too():
    rate = [row["rate"] for row in rows("financing_spreads") if row["ticker"] == "SPXU"]
    said = "SPXU: the financing spread, {:.2f} % a year at the end, is assumed, not fitted: the mean of SOXS "
    said += "and SQQQ"
    last = spread_notes([known_fund("SPXU")], day("2012-01-03"), day("2026-12-31"))
    assert last == [said.format(100 * float(rate[-1]))]
    run = letf.run("hold", rule={"instrument": "SPXU"}, end="2001-12-31")
    assert said.format(100 * float(rate[0])) in run.notes


def test_of_a_spread_of_one_s_own_the_tables_say_nothing():
    own = replace(known_fund("SOXL"), spread=Dated.constant(0.01))
    assert spread_notes([own, LeveragedFund("MINE", 2.0)], day("1999-01-04"), day("2026-12-31")) == []


@pytest.mark.parametrize(
    ("ticker", "words"),
    [("SPXU", "assumed"), ("SQQQ", "fitted to 2023-12-29"), ("1X", "by construction"), ("NONE", "")],
)
def test_the_origin_in_a_few_words(ticker, words):
    assert spread_origin(ticker) == words


def test_the_list_of_funds_says_what_each_spread_rests_on(tmp_path):
    (tmp_path / "mine.toml").write_text('ticker = "MINE"\nmultiple = 2\nexpense_ratio = 0.01')
    found = letf.funds([tmp_path / "mine.toml"])
    assert isinstance(found, pd.DataFrame)
    assert found.loc["SOXL", "spread_is"].startswith("fitted to 20")
    assert found.loc["MINE", "spread_is"] == "given"
