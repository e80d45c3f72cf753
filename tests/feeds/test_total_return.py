import numpy as np
import pytest

from feeds.bars import Bars
from feeds.total_return import adjusted, price_index, splice, total_return_index, with_dividends
from letf_instruments import DataError
from tests.conftest import random_bars


def bars(name, seed=1, n=260, adj=None, start=0):
    made = random_bars(seed, n)
    columns = {c: getattr(made, c)[start:] for c in ("timestamps", "open", "high", "low", "close", "volume")}
    return Bars(name=name, source=name, **columns, adj_close=adj)


def write(folder, made):
    rows = ["date,open,high,low,close"]
    for i in range(len(made)):
        prices = (getattr(made, c)[i] for c in ("open", "high", "low", "close"))
        rows.append(f"{made.sessions[i]}," + ",".join(f"{p:.17g}" for p in prices))
    (folder / f"{made.name}.csv").write_text("\n".join(rows))


def test_a_price_index_gets_its_yield_on_calendar_days():
    made = bars("SOX")
    total, said = with_dividends(made)
    total = total.as_swapped()
    days = (made.sessions - made.sessions[0]).astype(int)
    growth = total.close / made.close
    assert growth[0] == 1.0
    assert np.log(growth[-1]) == pytest.approx(0.017 * days[-1] / 365, rel=1e-3)  # 1.7 % a year in 2020
    assert total.high[5] / made.high[5] == pytest.approx(growth[5])
    assert "dividend yield added" in said[0]


def test_an_etf_gets_its_dividends_in_and_its_fee_back():
    made = bars("SOXX")
    adj = made.close * np.where(np.arange(len(made)) < 100, 0.99, 1.0)  # a dividend of 1 % on bar 100
    total, said = with_dividends(bars("SOXX", adj=adj))
    total = total.as_swapped()
    assert total.close[100] / total.close[99] == pytest.approx(
        made.close[100] / made.close[99] / 0.99, rel=1e-4
    )
    steps = np.diff(made.sessions).astype(int)
    assert total.close[51] / total.close[50] == pytest.approx(
        made.close[51] / made.close[50] * (1 + 0.0047 * steps[50] / 365), rel=1e-12
    )
    assert ["dividends put in" in said[0], "fee added back" in said[1]] == [True, True]


def test_an_unknown_source_without_dividends_says_that_none_are_added():
    made = bars("MINE")
    total, said = with_dividends(made)
    total = total.as_swapped()
    np.testing.assert_array_equal(total.close, made.close)
    assert "no dividend yield is known" in said[0]


def test_a_splice_has_no_jump_and_keeps_every_return():
    early, late = bars("A", 1), bars("B", 2)
    seam = early.sessions[120]
    joined = splice(early, late, seam)
    assert len(joined) == 260
    returns = joined.close[1:] / joined.close[:-1]
    np.testing.assert_allclose(returns[:119], (early.close[1:] / early.close[:-1])[:119])
    np.testing.assert_allclose(returns[119:], (late.close[1:] / late.close[:-1])[119:])
    np.testing.assert_allclose((joined.open[1:] / joined.close[:-1])[119], late.open[120] / late.close[119])


def test_eras_that_do_not_meet_are_refused():
    early, late = bars("A", 1), bars("B", 2, start=150)
    with pytest.raises(DataError, match=r"B has no bar on .*, the last of A before"):
        splice(early, late, early.sessions[100])
    with pytest.raises(DataError, match="cannot be spliced on 2030-01-01"):
        splice(early, late, np.datetime64("2030-01-01"))


def test_names_with_dates_between_them_are_spliced(tmp_path):
    for made in (bars("A", 1), bars("B", 2), bars("C", 3)):
        write(tmp_path, made)
    days = bars("A").sessions
    total, said = total_return_index(f"A:{days[50]}:B:{days[150]}:C", tmp_path)
    assert total.name == "A+B+C"
    assert len(total) == 260
    assert any("spliced without a jump" in s for s in said)
    returns = total.close[1:] / total.close[:-1]
    np.testing.assert_allclose(returns[160:], (bars("C", 3).close[1:] / bars("C", 3).close[:-1])[160:])
    np.testing.assert_allclose(price_index("A", tmp_path).close, bars("A").close)
    with pytest.raises(DataError, match="dates of a splice must rise"):
        total_return_index(f"A:{days[150]}:B:{days[50]}:C", tmp_path)
    with pytest.raises(DataError, match="2020-13-01 is not a date"):
        total_return_index("A:2020-13-01:B", tmp_path)


def test_a_fund_that_is_held_keeps_its_own_fee():
    made = bars("SOXL", adj=bars("SOXL").close * 0.5)
    np.testing.assert_allclose(adjusted(made).close, made.close * 0.5)
    assert adjusted(bars("X")) is not None


def holding(folder, name, dividend):
    """A file as Yahoo's history has it, with a dividend on its third day."""
    rows = ["Date,Open,High,Low,Close,Volume,Dividends,Stock Splits"]
    for i, price in enumerate((10.0, 11.0, 12.0)):
        rows.append(f"2020-03-{16 + i},{price},{price},{price},{price},5,{dividend if i == 2 else 0.0},0.0")
    (folder / f"{name}.csv").write_text("\n".join(rows))


def test_nothing_is_added_to_closes_that_hold_dividends(tmp_path):
    holding(tmp_path, "SOX", 0.5)
    total, said = total_return_index("SOX", tmp_path)
    assert total.close.tolist() == [10, 11, 12]
    assert said == []
    assert "its closes hold dividends already" in total.notes[0]


def test_an_etf_s_closes_that_hold_dividends_get_its_fee_back_alone(tmp_path):
    holding(tmp_path, "SOXX", 0.5)
    total, said = total_return_index("SOXX", tmp_path)
    assert total.close[1] == pytest.approx(11 * (1 + 0.0047 / 365), rel=1e-12)
    assert len(said) == 1
    assert "own fee added back" in said[0]


def test_a_price_index_that_yahoo_has_no_dividends_of_gets_its_yield(tmp_path):
    holding(tmp_path, "SOX", 0.0)
    total, said = total_return_index("SOX", tmp_path)
    assert total.close[1] == pytest.approx(11 * (1 + 0.017 / 365), rel=1e-12)
    assert total.notes == ()
    assert "dividend yield added" in said[0]


def test_a_splice_keeps_what_was_said_of_its_parts(tmp_path):
    for name in "AB":
        lines = [f"2020-03-{day},{day},{day},{day},{day}" for day in (19, 18, 17, 16)]
        (tmp_path / f"{name}.csv").write_text("date,open,high,low,close\n" + "\n".join(lines))
    joined = price_index("A:2020-03-18:B", tmp_path)
    assert joined.close.tolist() == [16, 17, 18, 19]
    assert joined.notes == tuple(f"{name}.csv: newest first, turned round" for name in "AB")
