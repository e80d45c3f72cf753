import numpy as np
import pytest

from letf_instruments import FactError, LeveragedFund, known_fund, known_tickers
from letf_instruments.tables import rows


def test_soxl_and_soxs_are_what_their_prospectuses_say():
    bull, bear = known_fund("SOXL"), known_fund("soxs")
    assert (bull.multiple, bear.multiple) == (3.0, -3.0)
    assert bull.inception == bear.inception == np.datetime64("2010-03-11")
    assert bull.fees.at("2019-06-03") == 0.0102
    assert bull.fees.at("2021-06-03") == 0.0095
    assert bull.fees.at("2023-06-03") == 0.0090
    assert bear.fees.at("2019-06-03") == 0.0111
    assert bear.fees.at("2021-06-03") == 0.0108
    assert bear.fees.at("2025-06-03") == 0.0102


def test_the_index_changed_on_2021_08_25():
    for ticker in ("SOXL", "SOXS"):
        index = known_fund(ticker).indexes
        assert "PHLX" in index.at("2021-08-24")
        assert "NYSE Semiconductor" in index.at("2021-08-25")


@pytest.mark.parametrize(
    "table",
    [
        "funds",
        "indexes",
        "expense_ratios",
        "financing_spreads",
        "spread_fits",
        "splits",
        "index_sources",
        "index_names",
        "short_rate",
        "settlement",
    ],
)
def test_every_fact_has_its_source(table):
    assert rows(table)
    assert all(row["source"].strip() for row in rows(table))


def test_an_unknown_ticker_is_answered_with_the_nearest():
    with pytest.raises(FactError, match="did you mean SOXS"):
        known_fund("SOXSS")
    assert set(known_tickers()) == {"SOXL", "SOXS", "TQQQ", "SQQQ", "UPRO", "SPXU", "1X"}


@pytest.mark.parametrize("multiple", [0, float("nan"), float("inf"), 25, -25])
def test_a_multiple_that_is_no_multiple_is_refused(multiple):
    with pytest.raises(FactError, match="multiple of X"):
        LeveragedFund("X", multiple)


def test_a_fee_in_percent_is_refused_with_the_right_unit():
    with pytest.raises(FactError, match=r"0\.95 % is 0\.0095"):
        LeveragedFund("X", 2, expense_ratio=0.95)


@pytest.mark.parametrize("multiple", [-5, -1, -0.5, 0.5, 1, 1.5, 2, 4])
def test_any_multiple_can_be_made(multiple):
    assert LeveragedFund("X", multiple, expense_ratio=0.01).fees.at("2020-01-01") == 0.01


def test_no_public_name_is_hidden_by_a_module_of_that_name():
    """Importing `letf_instruments.x` puts the module x into the package, over a function x."""
    from importlib import import_module
    from pathlib import Path

    import letf_instruments

    for file in Path(letf_instruments.__file__).parent.glob("*.py"):
        if file.stem != "__init__":
            import_module(f"letf_instruments.{file.stem}")
    for name in letf_instruments.__all__:
        assert callable(getattr(letf_instruments, name)), name
