"""How numbers are written for a person."""

import pytest

from runs.answers.words import counted, percent, share, with_caveats


@pytest.mark.parametrize(
    ("fraction", "text"),
    [
        (0.123, "+12.3 %"),
        (-1.0, "−100 %"),
        (-0.99997, "−99.997 %"),
        (-0.999995, "below −99.999 %"),
        (99.99, "+9,999 %"),
        (9_999.0, "+999,900 %"),
        (10_000.0, "× 10,001"),  # a million per cent: the stake 10,001 times over
        (118_655_551_098_277.0, "× 1.2e14"),
        (118_655_551_098_277_958_273_438.0, "× 1.2e23"),
        (None, "n/a"),
    ],
)
def test_a_return_is_a_percentage_until_a_million_per_cent(fraction, text):
    assert percent(fraction) == text


def test_a_share_is_never_a_number_of_times():
    assert share(20_000.0) == "2,000,000 %"


def test_things_are_counted_in_words():
    assert [counted(n, "trade") for n in (0, 1, 1_200)] == ["0 trades", "1 trade", "1,200 trades"]


def test_what_changes_a_sentence_stands_in_it():
    assert with_caveats("It made 3 %.", []) == "It made 3 %."
    assert with_caveats("It made 3 %.", ["it died", "it began late"]) == (
        "It made 3 %; mind that it died; and that it began late."
    )
