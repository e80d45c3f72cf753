"""Every question looks for faults in everything that it uses: small faulty data of each kind, each question.

What cannot be used is refused, what can is said in the notes of the answer. The door for scripts is asked, as
commands say the same words.
"""

from functools import cache

import numpy as np
import pandas as pd
import pytest

import letf
from feeds.calendars import sessions_between
from letf_instruments import DataError, known_fund, synthesize

SESSIONS = sessions_between("XNYS", np.datetime64("2018-01-02"), np.datetime64("2019-12-31"))
N = len(SESSIONS)
AT = 300  # the bar or value that is wrong
SPLIT, PRINT = "looks like an unadjusted", "looks like a false print"


def prices(seed, sigma=0.012):
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(sigma * rng.standard_normal(N)))
    open_ = np.append(100.0, close[:-1]) * np.exp(0.004 * rng.standard_normal(N))
    high, low = np.maximum(open_, close) * 1.003, np.minimum(open_, close) * 0.997
    return framed(open_, high, low, close)


def framed(o, h, low, c):
    columns = {"open": o, "high": h, "low": low, "close": c, "volume": np.full(N, 1e6)}
    return pd.DataFrame(columns, index=pd.DatetimeIndex(SESSIONS.astype("M8[s]"), name="date"))


@cache
def index():
    return prices(1)


@cache
def traded():
    bars = (index()[c].to_numpy() for c in ("open", "high", "low", "close"))
    fund = synthesize(known_fund("SOXL"), SESSIONS, *bars, 0.02)
    return framed(fund.open, fund.high, fund.low, fund.close)


def split(frame):
    frame = frame.copy()
    frame.iloc[:AT, :4] *= 10
    return frame


def false_low(frame):
    frame = frame.copy()
    frame.iloc[AT, 2] *= 0.2
    return frame


def series(level, fault=None):
    values = pd.Series(level * (1 + 0.01 * (np.arange(N) % 3)), index().index)
    if fault == "stray":
        values.iloc[AT] *= 10
    return {
        "hole": lambda: values.drop(values.index[200:360]),
        "late": lambda: values.iloc[50:],
        "stale": lambda: values.iloc[:-100],
    }.get(fault, lambda: values)()


# -- what a spec names ---------------------------------------------------------------------------------


def spec(strategy, **data):
    """A spec as a dict, with clean data but for those given."""
    clean = {"index": {"IDX": index()}, "assets": [{"AST": prices(2)}]}
    tables = {"strategy": strategy, "data": {**clean, **data}}
    if strategy == "hedge":
        tables["rule"] = {"holding": "AST"}
    if strategy == "event_options":
        tables["data"]["events"] = "earnings-season"
        tables["plan"] = {"scale": 1.0} if "volatility" in data else {}
    return tables


def sweep(given):
    return letf.sweep(given, {"account.cash": [1e4, 1e5]}, progress=False)


def compare(given):
    return letf.compare([{**given, "name": "one"}, {**given, "name": "two"}])


def alternatives(given):
    return letf.alternatives(given, scale=1.0 if "volatility" in given["data"] else None)


QUESTIONS = {
    "run": (letf.run, "rsi_timing"),
    "options": (letf.run, "event_options"),
    "hedge": (letf.run, "hedge"),
    "squeeze": (letf.run, "decay_harvest"),
    "compare": (compare, "rsi_timing"),
    "sweep": (sweep, "rsi_timing"),
    "alternatives": (alternatives, "rsi_timing"),
}
NOTED = {
    "index split": ({"index": lambda: {"IDX": split(index())}}, SPLIT),
    "asset split": ({"assets": lambda: [{"AST": split(prices(2))}]}, SPLIT),
    "rate hole": ({"rates": lambda: {"R": series(2.0, "hole")}}, "short rate R has no value between"),
    "rate stale": ({"rates": lambda: {"R": series(2.0, "stale")}}, "short rate R ends on"),
    "fee hole": ({"borrow": lambda: {"F": series(3.0, "hole")}}, "borrow fee F has no value between"),
    "fee stale": ({"borrow": lambda: {"F": series(3.0, "stale")}}, "borrow fee F ends on"),
    "volatility hole": ({"volatility": lambda: {"V": series(20.0, "hole")}}, "V has no value between"),
}
REFUSED = {
    "index print": ({"index": lambda: {"IDX": false_low(index())}}, PRINT),
    "asset print": ({"assets": lambda: [{"AST": false_low(prices(2))}]}, PRINT),
    "rate stray": ({"rates": lambda: {"R": series(2.0, "stray")}}, PRINT),
    "rate late": ({"rates": lambda: {"R": series(2.0, "late")}}, "short rate R starts on"),
    "fee stray": ({"borrow": lambda: {"F": series(3.0, "stray")}}, PRINT),
    "fee late": ({"borrow": lambda: {"F": series(3.0, "late")}}, "borrow fee F starts on"),
    "volatility stray": ({"volatility": lambda: {"V": series(20.0, "stray")}}, PRINT),
    "volatility late": ({"volatility": lambda: {"V": series(20.0, "late")}}, "V starts on"),
}


@pytest.mark.parametrize("fault", NOTED)
@pytest.mark.parametrize("question", QUESTIONS)
def test_what_looks_odd_in_the_data_of_a_spec_is_said_by_every_question(question, fault):
    ask, strategy = QUESTIONS[question]
    data, said = NOTED[fault]
    answer = ask(spec(strategy, **{key: make() for key, make in data.items()}))
    assert any(said in note for note in answer.notes)


@pytest.mark.parametrize("fault", REFUSED)
@pytest.mark.parametrize("question", QUESTIONS)
def test_what_cannot_be_right_in_the_data_of_a_spec_is_refused_by_every_question(question, fault):
    ask, strategy = QUESTIONS[question]
    data, said = REFUSED[fault]
    with pytest.raises(DataError, match=said):
        ask(spec(strategy, **{key: make() for key, make in data.items()}))


@pytest.mark.parametrize("whose", ["index", "SOXL"])
def test_a_file_of_volume_is_looked_at_too(whose):
    frame = index().assign(volume=np.where(np.arange(N) % 2, 1e6, 0.0))
    notes = letf.run(spec("hold", volumes={whose: {"VOL": frame}})).notes
    assert any("VOL: volume is 0 on 252 of 503 rows" in note for note in notes)
    notes = letf.run(spec("hold", volumes={whose: {"VOL": split(index())}})).notes
    assert any(SPLIT in note for note in notes)


def test_opens_of_an_asset_that_repeat_the_close_before_are_said():
    frame = prices(2)
    frame["open"] = frame["close"].shift(fill_value=100.0)
    frame["high"] = frame[["open", "high"]].max(axis=1)
    frame["low"] = frame[["open", "low"]].min(axis=1)
    notes = letf.run(spec("hold", assets=[{"AST": frame}])).notes
    assert any("AST: in 502 of 502 sessions" in note and "repeats the previous" in note for note in notes)


def test_a_note_on_the_data_of_one_of_several_specs_names_it():
    own = {**spec("hold", assets=[{"AST": split(prices(2))}]), "name": "own"}
    answer = letf.compare([{**spec("hold"), "name": "other"}, own])
    assert any(note.startswith("own: AST: ") and SPLIT in note for note in answer.notes)


# -- what is named beside a fund -----------------------------------------------------------------------


def calibrate(**data):
    return letf.calibrate("SOXL", **{"actual": {"FND": traded()}, **data})


def track(**data):
    return letf.track("SOXL", **{"actual": {"FND": traded()}, **data})


def notes_of(made):
    return made.attrs["notes"] if isinstance(made, pd.DataFrame) else made.notes


OF_FUNDS = {
    "decay": lambda **data: letf.decay("SOXL", **data),
    "flow": lambda **data: letf.flow("SOXL", **data),
    "versus": lambda **data: letf.versus(**data),
    "fund": lambda **data: letf.fund("SOXL", **data),
    "track": track,
    "calibrate": calibrate,
}


@pytest.mark.parametrize("question", OF_FUNDS)
def test_questions_of_a_fund_look_at_their_index_and_their_rates(question):
    ask, clean = OF_FUNDS[question], {"index": {"IDX": index()}}
    with pytest.raises(DataError, match=PRINT):
        ask(index={"IDX": false_low(index())})
    with pytest.raises(DataError, match=PRINT):
        ask(**clean, rates={"R": series(2.0, "stray")})
    with pytest.raises(DataError, match="short rate R starts on"):
        ask(**clean, rates={"R": series(2.0, "late")})
    for fault, said in (("hole", "has no value between"), ("stale", "ends on")):
        notes = notes_of(ask(**clean, rates={"R": series(2.0, fault)}))
        assert any(f"short rate R {said}" in note for note in notes)
    if question in ("track", "calibrate"):  # no such fund was ever traded, and the jump is why
        with pytest.raises(DataError, match=rf"(wiped out|no spread).*; IDX: .*{SPLIT}"):
            ask(index={"IDX": split(index())})
    else:
        assert any(SPLIT in note for note in notes_of(ask(index={"IDX": split(index())})))


def test_prices_of_a_traded_fund_are_looked_at_too():
    clean = {"index": {"IDX": index()}}
    for ask in (track, calibrate, lambda actual, **data: letf.fund("SOXL", splice=actual, **data)):
        with pytest.raises(DataError, match=PRINT):
            ask(**clean, actual={"FND": false_low(traded())})
    assert any(SPLIT in note for note in track(**clean, actual={"FND": split(traded())}).notes)
    with pytest.raises(DataError, match=f"no spread.*; FND: .*{SPLIT}"):
        calibrate(**clean, actual={"FND": split(traded())})
    spliced = letf.fund("SOXL", **clean, splice={"FND": split(traded())})
    assert any(SPLIT in note for note in spliced.attrs["notes"])


def test_bars_for_a_script_bring_what_looks_odd_in_them():
    assert any(SPLIT in note for note in letf.bars({"IDX": split(index())}).attrs["notes"])
    with pytest.raises(DataError, match=PRINT):
        letf.bars({"IDX": false_low(index())})
