"""What the columns of the list of results are called, by hand; and which there are unasked."""

import pytest

from runs.answers.view.headings import headings_of, named_of


@pytest.mark.parametrize(
    ("key", "name", "form"),
    [
        ("max_drawdown", "worst drawdown", "return"),
        ("hold_index_total_return", "index held: total return", "return"),
        ("hold_SOXS_cagr", "SOXS held: CAGR", "return"),
        ("same_risk_sharpe", "index at the rule's risk: Sharpe ratio", "number"),
        ("total_return_q05", "total return, 5th percentile", "return"),
        ("trades_mean", "trades, mean", "number"),
        ("-3x_max_drawdown_days", "−3x: longest under water, days", "count"),
        ("decay_SOXL_compounding", "decay SOXL compounding", "other"),
    ],
)
def test_a_key_has_the_name_that_it_has_in_a_report(key, name, form):
    assert named_of(key) == (name, form)


def test_a_few_stand_there_unasked_and_what_most_results_have_is_found_first():
    found = headings_of([{"sharpe", "odd", "win_rate"}, {"sharpe", "common"}, {"total_return", "common"}])
    assert [(one.key, one.first) for one in found] == [
        ("total_return", True),
        ("sharpe", True),
        ("win_rate", False),
        ("common", False),
        ("odd", False),
    ]
    assert found[1].means.startswith("Mean daily return over the short rate")


def test_no_two_columns_have_one_name():
    names = [one.name for one in headings_of([{"3x_cagr", "3x__cagr", "a_b", "a b"}])]
    assert len(set(names)) == 4
