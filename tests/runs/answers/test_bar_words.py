"""Bars in words."""

import numpy as np
import pandas as pd
import pytest

import letf
from runs.answers.bar_words import counted_bars


@pytest.mark.parametrize(
    ("index", "says"),
    [("nasdaq", "5,031 daily bars"), ("semis-sim-5min", "39,018 bars of 5 minutes")],
)
def test_bars_are_counted_with_their_length(index, says):
    run = letf.run("hold", index=index, rule={"instrument": "index"})
    assert counted_bars(run.result.bars) == says
    assert says in run.asked


def test_the_length_is_that_of_most_bars():
    days = pd.bdate_range("2020-01-02", periods=4)
    stamps = [day + pd.Timedelta(minutes=m) for day in days for m in (600, 660, 720, 780, 960)]
    values = np.full(len(stamps), 100.0)
    frame = pd.DataFrame(
        dict.fromkeys(("open", "high", "low", "close"), values), index=pd.DatetimeIndex(stamps, name="date")
    )
    run = letf.run("hold", index={"HOURS": frame}, rule={"instrument": "index"}, rate=0.0)
    assert counted_bars(run.result.bars) == "20 bars of 60 minutes"
