import numpy as np
import pytest

from letf_instruments import Dated, FactError


def test_a_value_holds_from_its_date_until_the_next():
    fact = Dated.of([("2020-01-01", 1.0), ("2021-06-15", 2.0)])
    dates = np.array(["2019-05-05", "2020-01-01", "2021-06-14", "2021-06-15", "2030-01-01"], "M8[D]")
    assert fact.on(dates).tolist() == [1.0, 1.0, 1.0, 2.0, 2.0]
    assert [fact.at(d) for d in dates] == [1.0, 1.0, 1.0, 2.0, 2.0]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([], "at least one date"),
        ([("2021-01-01", 1.0), ("2020-01-01", 2.0)], "2020-01-01 follows 2021-01-01"),
        ([("2021-01-01", 1.0), ("2021-01-01", 2.0)], "must rise"),
    ],
)
def test_dates_that_do_not_rise_are_refused(rows, says):
    with pytest.raises(FactError, match=says):
        Dated.of(rows)
