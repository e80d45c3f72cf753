"""Which index a source stands for and a fund follows; the dates are those of the prospectuses."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from letf_instruments import Dated, LeveragedFund, known_fund, known_tickers
from letf_instruments.families import eras, ticker_for
from letf_instruments.tables import rows

SPLICED = Dated.of([("1994-01-01", "SOX"), ("2021-08-25", "SOXX")])


def day(text):
    return np.datetime64(text, "D")


def foreign(ticker, source, first="2010-03-11", last="2023-12-29"):
    fund = known_fund(ticker) if isinstance(ticker, str) else ticker
    source = Dated.constant(source) if isinstance(source, str) else source
    found = eras(fund, source, day(first), day(last))
    return [(str(era.first), str(era.last)) for era in found if era.foreign]


def test_soxl_left_its_index_on_2021_08_25():
    assert foreign("SOXL", "SOX") == [("2021-08-25", "2023-12-29")]
    assert foreign("SOXL", "sox", last="2021-08-24") == []
    assert foreign("SOXL", SPLICED) == []


def test_soxx_has_had_three_indexes():
    assert foreign("SOXS", "SOXX") == [("2010-03-11", "2010-10-14"), ("2021-06-21", "2021-08-24")]


def test_the_composite_is_no_fund_s_index():
    whole = [("1999-01-04", "2018-12-31")]
    for ticker in set(known_tickers()) - {"1X"}:
        assert foreign(ticker, "nasdaq", *whole[0]) == whole, ticker
    assert foreign("1X", "nasdaq") == []


def test_what_the_tables_do_not_know_is_not_called_foreign():
    found = eras(known_fund("SOXL"), Dated.constant("my_file"), day("2020-01-02"), day("2020-12-31"))
    assert [(era.known, era.foreign) for era in found] == [(False, False)]
    assert foreign(LeveragedFund("MINE", 2.0), "nasdaq") == []
    assert foreign(LeveragedFund("MINE", 2.0, index="an index of my own"), "nasdaq") == []


@pytest.mark.parametrize("own", ["QQQ", "nasdaq-100 index", "NASDAQ-100 Index"])
def test_a_fund_of_one_s_own_names_its_index_or_a_source_that_stands_for_it(own):
    fund = LeveragedFund("MINE", 2.0, index=own)
    assert foreign(fund, "QQQ") == []
    assert foreign(fund, "nasdaq") == [("2010-03-11", "2023-12-29")]


def test_spans_meet_and_cover_all_days():
    found = eras(known_fund("SOXL"), SPLICED, day("2009-01-05"), day("2023-12-29"))
    assert (found[0].first, found[-1].last) == (day("2009-01-05"), day("2023-12-29"))
    for one, other in itertools.pairwise(found):
        assert other.first - one.last == 1


def test_every_index_that_a_known_fund_follows_has_a_source_that_stands_for_it():
    named = {row["index"] for row in rows("index_names")}
    assert {row["index"] for row in rows("indexes") if row["ticker"] != "1X"} <= named


@pytest.mark.parametrize("source", sorted({row["name"] for row in rows("index_names")}))
@pytest.mark.parametrize("multiple", [3.0, -3.0])
def test_a_fund_is_named_only_for_its_own_index(source, multiple):
    """Against the facts themselves, day by day, without the code that is asked here."""
    first, last = day("2000-01-03"), day("2023-12-29")
    days = np.arange(first, last + 1)

    def on(table, key, name):
        own = [r for r in rows(table) if r[key] == name]
        at = np.searchsorted([day(r["from"]) for r in own], days, side="right") - 1
        return np.array([r["index"] for r in own])[np.maximum(at, 0)]

    stands = on("index_names", "name", source)
    right = [
        row["ticker"]
        for row in rows("funds")
        if float(row["multiple"]) == multiple and (on("indexes", "ticker", row["ticker"]) == stands).any()
    ]
    assert [ticker_for(multiple, Dated.constant(source), first, last)] == (right or [None])


def test_the_composite_and_another_basket_name_no_fund():
    span = (day("2015-01-02"), day("2018-12-31"))
    assert ticker_for(3.0, Dated.constant("nasdaq"), *span) is None
    assert ticker_for(3.0, Dated.constant("SMH"), *span) is None
    assert ticker_for(3.0, Dated.constant("QQQ"), *span) == "TQQQ"
    assert ticker_for(3.0, Dated.constant("SOX"), day("2022-01-03"), day("2023-12-29")) is None
    mixed = replace(SPLICED, values=("SOX", "my_file"))
    assert ticker_for(3.0, mixed, day("2015-01-02"), day("2023-12-29")) is None
