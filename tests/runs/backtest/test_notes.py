"""Notes that say the same again and again are said once."""

from runs.backtest.notes import gathered


def test_notes_that_differ_in_dates_and_numbers_only_are_said_once_if_they_are_many():
    notes = [
        f"2020-01-{d:02d}: SOXL: order to buy {d} became 0 at {d}.5: cash allows no more"
        for d in range(6, 16)
    ]
    said = gathered(["first", *notes, "2020-02-01: SOXS: order to buy 1 became 0 at 2: cash allows no more"])
    assert said == [
        "first",
        "2020-01-06: SOXL: order to buy 6 became 0 at 6.5: cash allows no more "
        "(and 9 more like it, the last on 2020-01-15)",
        "2020-02-01: SOXS: order to buy 1 became 0 at 2: cash allows no more",
    ]


def test_three_are_few_and_a_digit_in_a_name_is_no_number():
    notes = [f"2020-01-0{d}: 1X fell by 3%" for d in range(1, 4)]
    assert gathered(notes) == notes
    names = [f"2020-01-01: FUND{i} is wiped out" for i in range(5)]
    assert gathered(names) == names
    assert gathered([]) == []
