"""What is held, in a person's words."""

import pytest

from letf_instruments import SpecError
from runs.studies.hedge_size.holding import holding_of


def test_words_and_a_table_are_the_same():
    assert holding_of("NVDA=40000, AMD=30000") == {"NVDA": 40_000.0, "AMD": 30_000.0}
    assert holding_of({"NVDA": 40_000, "AMD": "3e4"}) == {"NVDA": 40_000.0, "AMD": 30_000.0}
    assert holding_of("a=b.csv=5") == {"a=b.csv": 5.0}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("", "holding is empty"),
        ("NVDA", "holding 'NVDA' cannot be read; write NAME=DOLLARS"),
        ("=5", "cannot be read"),
        ("NVDA=", "holding of NVDA is ''"),
        ("NVDA=many", "an amount of dollars is wanted"),
        ("NVDA=nan", "an amount of dollars is wanted"),
        ("NVDA=-5", "holding of NVDA is -5 dollars; it must be above 0"),
        ("NVDA=0", "it must be above 0"),
        ("NVDA=1e15", "at most 1e+12"),
        ("NVDA=1,nvda=2", "names nvda twice"),
        (5, "holding is 5"),
        ({"NVDA": True}, "an amount of dollars is wanted"),
    ],
)
def test_what_cannot_be_held_is_refused(given, says):
    with pytest.raises(SpecError) as error:
        holding_of(given)
    assert says in str(error.value)
