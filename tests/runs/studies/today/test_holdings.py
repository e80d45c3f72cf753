"""What a person says of an account: read, or refused in a sentence."""

import datetime

import pytest

from letf_instruments import SpecError
from runs.studies.today.holdings import Owned, owned, prices

DAY = datetime.date(2026, 11, 20)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("SOXS=120@9.85,2026-11-20", (Owned("SOXS", 120.0, 9.85, DAY),)),
        ("SOXS=120", (Owned("SOXS", 120.0),)),
        ("SOXS=120,2026-11-20", (Owned("SOXS", 120.0, None, DAY),)),
        ("soxs=-3.5@2", (Owned("soxs", -3.5, 2.0),)),
        ("A=1; B=2@3", (Owned("A", 1.0), Owned("B", 2.0, 3.0))),
        (["A=1", "B=2 C=3"], (Owned("A", 1.0), Owned("B", 2.0), Owned("C", 3.0))),
        ({"A": 1, "B": (2, 3.0, "2026-11-20")}, (Owned("A", 1.0), Owned("B", 2.0, 3.0, DAY))),
        ({"A": (1, None, DAY)}, (Owned("A", 1.0, None, DAY),)),
        ("none", ()),
        (["NONE"], ()),
        (None, None),
        ([], None),
    ],
)
def test_holdings_are_read_in_words_and_tables(given, found):
    assert owned(given) == found


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("SOXS", "holding 'SOXS' cannot be read; write INSTRUMENT=SHARES@PRICE,DATE"),
        ("SOXS=many", "the shares: 'many' is no number"),
        ("SOXS=nan", "the shares: 'nan' is no number"),
        ("SOXS=0", "is of no shares"),
        ("SOXS=1@0", "the price is 0; it must be above 0"),
        ("SOXS=1@-2", "the price is -2; it must be above 0"),
        ("SOXS=1@9,20.11.2026", "'20.11.2026' is no date such as 2026-11-20"),
        ("SOXS=1@9@9", "cannot be read"),
        ("SOXS=1 soxs=2", "holding names SOXS twice"),
        ("none SOXS=1", "names none and something beside it"),
        ({"SOXS": (1, 2, 3, 4)}, "give its shares, or"),
        ({"SOXS": True}, "True is no number"),
        (7, "holding is 7; write"),
    ],
)
def test_what_cannot_be_a_holding_is_refused(given, says):
    with pytest.raises(SpecError, match=says.replace("(", r"\(")):
        owned(given)


def test_prices_are_read_in_words_and_tables():
    assert prices("SOXS=9.85 soxl=30") == {"SOXS": 9.85, "SOXL": 30.0}
    assert prices({"SOXS": 9.85}) == {"SOXS": 9.85}
    assert prices(None) == {}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("SOXS", "price 'SOXS' cannot be read"),
        ("SOXS=0", "price of SOXS is 0; it must be above 0"),
        ("SOXS=x", "price of SOXS: 'x' is no number"),
        ("SOXS=1 soxs=2", "price of soxs is given twice"),
        (3, "price is 3; write"),
    ],
)
def test_what_cannot_be_a_price_is_refused(given, says):
    with pytest.raises(SpecError, match=says):
        prices(given)


def test_a_holding_is_written_as_it_is_read():
    for text in ("SOXS=120@9.85,2026-11-20", "SOXS=120", "SOXS=-2,2026-11-20"):
        assert str(owned(text)[0]) == text
