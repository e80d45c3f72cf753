"""When a condition turns true, and whether it was lately; read off by eye."""

import numpy as np
import pytest

from letf_instruments import SpecError
from strategies.conditions import turns, within
from strategies.sides import check_sign


def bits(text):
    return np.array([c == "1" for c in text], dtype=bool)


@pytest.mark.parametrize(
    ("on", "known", "turned"),
    [
        ("0011011", "1111111", "0010010"),
        ("1100110", "1111111", "0000100"),  # on from the start: nobody saw it turn
        ("0001100", "0011111", "0001000"),
        ("0011000", "0011111", "0000000"),  # on when first known
        ("0111011", "1100001", "0100000"),  # on, then not known, still on: one turn
        ("0000011", "1100011", "0000010"),  # turned while it was not known
        ("", "", ""),
    ],
)
def test_a_turn_is_the_first_bar_known_to_be_on_after_one_known_to_be_off(on, known, turned):
    assert turns(bits(on), bits(known)).tolist() == bits(turned).tolist()


@pytest.mark.parametrize(
    ("happened", "bars", "lately"),
    [("0100000", 0, "0100000"), ("0100010", 2, "0111011"), ("0000", 3, "0000"), ("1000", 9, "1111")],
)
def test_within_counts_this_bar_and_so_many_before_it(happened, bars, lately):
    assert within(bits(happened), bars).tolist() == bits(lately).tolist()


@pytest.mark.parametrize(("side", "multiple", "sign"), [("bear", 3, "negative"), ("bull", -3, "positive")])
def test_an_instrument_of_the_wrong_sign_is_named(side, multiple, sign):
    check_sign("it", side, "X", -multiple)
    with pytest.raises(SpecError, match=rf"needs an instrument with a {sign} multiple; plan.instrument X"):
        check_sign("it", side, "X", multiple)
