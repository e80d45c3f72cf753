"""Whatever is asked wrongly is one sentence: the bounds of the command line, and never another error."""

import datetime

import numpy as np
import pandas as pd
import pytest

import letf

FRAME = pd.DataFrame({"close": range(500)})
END = {"end": "2000-12-31"}
FUND = {"index": "nasdaq", **END}
WRONG = {
    "rate": (lambda: letf.decay("SOXL", rate="x", **FUND), "rate is 'x'"),
    "rate beyond": (lambda: letf.fund("SOXL", rate=5, **FUND), "5 % is 0.05"),
    "seed": (lambda: letf.decay("SOXL", seed="x", **FUND), "seed is 'x'"),
    "seed below 0": (lambda: letf.flow("SOXL", seed=-1, **FUND), "seed is -1"),
    "seed of a run": (lambda: letf.run("hold", seed=-1, **END), "data.seed is -1"),
    "assets": (lambda: letf.flow("SOXL", assets="x", **FUND), "assets are 'x'"),
    "multiples": (lambda: letf.versus(multiples="1,3", **FUND), "multiples are '1,3'"),
    "multiples of words": (lambda: letf.versus(multiples=["a"], **FUND), "multiples are"),
    "a holding": (lambda: letf.hedge_size({"nasdaq": -1}, **FUND), "it must be above 0"),
    "a path": (lambda: letf.stress("trend", paths="chopp"), "did you mean 'chop'"),
    "an impact": (lambda: letf.stress("trend", impact="cubic"), "impact is 'cubic'"),
    "a fund's assets": (lambda: letf.stress("trend", impact="sqrt", fund_assets=3), "fund_assets are 3"),
    "a market": (lambda: letf.whatif("SOXL", volatility="x", **FUND), "volatility is 'x'"),
    "days": (lambda: letf.alternatives("rsi_timing", days="x", **END), "days is 'x'"),
    "days below 0": (lambda: letf.alternatives("rsi_timing", days=-5, **END), "days is -5"),
    "size": (lambda: letf.alternatives("rsi_timing", size="foo", **END), "'exposure' or 'stake'"),
    "moneyness": (lambda: letf.alternatives("rsi_timing", moneyness=-1, **END), "moneyness is -1"),
    "sample": (lambda: letf.sweep("hold", {"data.rate": [0.0]}, sample=0, **END), "sample is 0"),
    "search": (lambda: letf.sweep("hold", {"data.rate": [0.0]}, search=0, **END), "search is 0"),
    "verify": (lambda: letf.sweep("hold", {"data.rate": [0.0]}, verify=-1, **END), "verify is -1"),
    "workers": (lambda: letf.sweep("hold", {"data.rate": [0.0]}, workers=0, **END), "workers is 0"),
    "sample_seed": (lambda: letf.sweep("hold", {"data.rate": [0.0]}, sample_seed=-1), "sample_seed is -1"),
    "axes": (lambda: letf.sweep("hold", ["plan.stop"], **END), "axes are"),
    "a table": (lambda: letf.run("hold", plan=5), "plan is 5"),
    "an argument": (lambda: letf.run("hold", idex="nasdaq"), "did you mean 'index'"),
    "a picture": (lambda: letf.run("hold", **END).plot(3), "no picture is named 3"),
    "window": (lambda: letf.calibrate("TQQQ", window=-1, **FUND), "window is -1"),
    "n": (lambda: letf.top("nowhere", n=0), "n is 0"),
    "a folder": (lambda: letf.top(None), "folder is None"),
    "a fund": (lambda: letf.decay("SOXX9", index="nasdaq"), "SOXX9"),
    "nothing": (lambda: letf.run(None), "None cannot be run"),
    "specs": (lambda: letf.compare(5), "takes a list of specs"),
    "no date": (lambda: letf.bars("nasdaq", start=pd.NaT), "start is NaT"),
    "a metric": (lambda: letf.sweep("hold", {"data.rate": [0.0]}, by=3, **END), "no metric is named 3"),
    "changes": (lambda: letf.spec("hold", set=[3]), "a change is 3"),
    "two changes in one": (lambda: letf.spec("rsi_timing", set="plan.stop=0.05\nfoo=3"), "a change is"),
    "a rule": (lambda: letf.rules(3), "no rule or filter is named 3"),
    "a data folder": (lambda: letf.run("hold", data_dir=3), "a folder is int 3"),
    "where to save": (lambda: letf.run("hold", **END).save(None), "no folder to save into"),
    "a frame as a table": (lambda: letf.run("hold", data={"assets": {"A": FRAME}}), "data.assets is"),
    "a date": (lambda: letf.bars("nasdaq", start=5), "start is 5"),
}


@pytest.mark.parametrize("what", WRONG)
def test_it_is_refused_in_one_sentence(what):
    ask, says = WRONG[what]
    with pytest.raises(letf.LetfError) as error:
        ask()
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_the_words_of_numpy_and_single_values_are_understood():
    assert len(letf.bars("nasdaq", start=np.datetime64("2001-01-01"), end=datetime.date(2001, 1, 31))) == 21
    one = letf.spec("rsi_timing", set="plan.stop=0.05")
    assert one.plan["stop"] == 0.05
    assert letf.fund("SOXL", rate=np.float32(0.5) / 10, **FUND).attrs["notes"][-1] == (
        "short rate: constant 5.00% a year throughout"
    )
    assert letf.run("rsi_timing", rule={"rsi_bars": np.int64(9)}, rates=np.float64(0.02), **END).metrics == (
        letf.run("rsi_timing", rule={"rsi_bars": 9}, rates=0.02, **END).metrics
    )
    cells = letf.sweep("rsi_timing", {"plan.stop": np.array([0.05, 0.1]), "plan.max_bars": 10}, **END).cells
    assert cells["plan.stop"].tolist() == [0.05, 0.1]
