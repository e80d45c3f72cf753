import numpy as np
import pandas as pd
import pytest

from feeds.checking.screen import Screen
from feeds.rates import ShortRate
from feeds.simulate import simulate_bonds, simulate_semiconductors
from feeds.sources import data_folder, load_bars, load_borrow_fee, load_rate, rate_of
from letf_instruments import DataError


@pytest.fixture
def folder(tmp_path):
    rows = "2020-01-06,1,1,1,1\n2020-01-07,1,1,1,1\n"
    (tmp_path / "SOX.csv").write_text("date,open,high,low,close\n" + rows)
    (tmp_path / "rates").mkdir()
    (tmp_path / "rates" / "SHORT_RATE.csv").write_text("date,value\n2020-01-02,1.5\n2020-01-07,2\n")
    return tmp_path


def test_nasdaq_needs_no_network_and_is_real():
    bars = load_bars("nasdaq")
    assert (len(bars), str(bars.sessions[0]), str(bars.sessions[-1])) == (5031, "1999-01-04", "2018-12-31")
    assert not bars.simulated
    # NASDAQ Composite closes as published: the high of 2000-03-10 and the low of 2009-03-09.
    by_day = dict(zip(bars.sessions.astype(str), bars.close, strict=True))
    assert by_day["2000-03-10"] == pytest.approx(5048.62, abs=0.01)
    assert by_day["2009-03-09"] == pytest.approx(1268.64, abs=0.01)


def test_a_name_finds_the_file_in_the_data_folder_in_any_case(folder):
    assert load_bars("sox", folder).name == "SOX"
    assert load_rate("short_rate", folder).at(18268) == 0.02  # 2020-01-07


def test_a_file_of_the_data_folder_can_be_named_with_its_ending(folder):
    assert load_bars("SOX.csv", folder).name == "SOX"


def test_the_data_folder_is_the_given_one_then_the_environment_s(folder, monkeypatch):
    monkeypatch.setenv("LETF_DATA_DIR", str(folder))
    assert data_folder() == folder
    assert data_folder("elsewhere").name == "elsewhere"
    assert len(load_bars("SOX")) == 2
    monkeypatch.delenv("LETF_DATA_DIR")
    assert "letf-lab" in str(data_folder())


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("nasdac", "did you mean nasdaq"),
        ("SOXX", "did you mean SOX"),
        ("zzz", "`letf data get zzz` fetches it"),
        ("../SOX", "neither a .csv or .parquet file nor the plain name"),
        ("/etc/passwd", "neither"),
    ],
)
def test_an_unknown_name_is_answered_in_one_sentence(folder, name, says):
    with pytest.raises(DataError, match=says):
        load_bars(name, folder)


def test_the_simulated_index_is_marked_seeded_and_as_volatile_as_semiconductors():
    one, same, other = (simulate_semiconductors(seed) for seed in (1, 1, 2))
    assert one.simulated
    assert one.fingerprint() == same.fingerprint() != other.fingerprint()
    assert simulate_semiconductors(np.random.default_rng(1)).fingerprint() == one.fingerprint()
    assert load_bars("semis-sim", seed=2).fingerprint() == other.fingerprint()
    vols = []
    for seed in range(12):
        returns = np.diff(np.log(simulate_semiconductors(seed).close))
        vols.append(returns.std() * np.sqrt(252))
    # PHLX Semiconductor 1994-2023: 37.5 % a year; volatility is persistent, so samples scatter.
    assert np.median(vols) == pytest.approx(0.375, abs=0.07)


def test_the_simulated_index_has_gaps_and_ranges_like_a_market():
    bars = simulate_semiconductors(3)
    gap = np.log(bars.open[1:] / bars.close[:-1]).var() / np.diff(np.log(bars.close)).var()
    assert gap == pytest.approx(0.336, abs=0.04)
    assert (bars.high > bars.low).all()
    # Parkinson (1980): the mean squared log range of a Brownian day is 4 ln 2 times its variance.
    day = np.log(bars.close / bars.open)
    parkinson = (np.log(bars.high / bars.low) ** 2).mean() / (4 * np.log(2))
    assert parkinson == pytest.approx((day**2).mean(), rel=0.12)


def test_simulated_bonds_are_marked_seeded_calm_and_go_their_own_way():
    bonds, semis = simulate_bonds(1), simulate_semiconductors(1)
    assert bonds.simulated
    assert (
        load_bars("bonds-sim", seed=1).fingerprint() == bonds.fingerprint() != simulate_bonds(2).fingerprint()
    )
    own = np.diff(np.log(bonds.close))
    # As the text says: 15 % a year, to four standard errors, and a mean of 4 %, to three.
    assert own.std() * np.sqrt(252) == pytest.approx(0.15, abs=4 * 0.15 / np.sqrt(2 * len(own)))
    assert own.mean() * 252 == pytest.approx(0.04, abs=3 * 0.15 * np.sqrt(252 / len(own)))
    both = np.isin(bonds.sessions, semis.sessions)
    other = np.diff(np.log(semis.close))
    assert abs(np.corrcoef(np.diff(np.log(bonds.close[both])), other)[0, 1]) < 4 / np.sqrt(len(other))


def test_a_short_rate_holds_until_the_next_and_says_where_it_ends():
    rate = ShortRate("R", np.array(["2020-01-02", "2020-01-07"], "M8[D]"), np.array([0.015, 0.02]))
    days = np.array(["2020-01-01", "2020-01-06", "2020-01-07", "2021-01-01"], "M8[D]")
    assert rate.on(days).tolist() == [0.015, 0.015, 0.02, 0.02]
    assert [rate.at(int(d.astype(int))) for d in days] == [0.015, 0.015, 0.02, 0.02]
    assert rate.covering(days[1], days[2]) == []
    assert "ends on 2020-01-07" in rate.covering(days[1], days[3])[0]
    with pytest.raises(DataError, match="starts on 2020-01-02 but the index on 2020-01-01"):
        rate.covering(days[0], days[2])


@pytest.mark.parametrize(
    ("day", "percent"),  # H.15, means of the month
    [
        ("1954-07-01", 0.80),
        ("1981-06-30", 19.10),
        ("1999-12-31", 5.30),
        ("2008-12-16", 0.16),
        ("2024-09-02", 5.13),
    ],
)
def test_the_shipped_rate_is_the_published_mean_of_the_day_s_own_month(day, percent):
    when = np.datetime64(day, "D")
    rate = ShortRate.shipped()
    assert rate.on(np.array([when]))[0] == rate.at(int(when.astype(int))) == pytest.approx(percent / 100)


def test_the_shipped_rate_has_every_month_and_no_value_that_looks_false():
    days = ShortRate.shipped().days.astype("datetime64[M]")
    assert (np.diff(days).astype(int) == 1).all()
    assert Screen().rate(ShortRate.shipped()) == []


@pytest.mark.market
def test_the_shipped_rate_is_the_mean_of_the_daily_one(market_folder):
    daily = pd.read_csv(market_folder / "rates" / "DFF.csv", parse_dates=["date"]).set_index("date")["value"]
    means = daily.resample("MS").mean()
    shipped = ShortRate.shipped().on(means.index.to_numpy())
    np.testing.assert_allclose(100 * shipped, means, atol=0.0051)  # published to .01


def test_the_shipped_rate_says_how_long_its_last_month_is_carried_and_where_it_begins():
    rate = ShortRate.shipped()
    end = rate.days[-1].astype("datetime64[M]") + 1  # the first month without a value
    first, last = np.datetime64("2000-01-03"), end.astype("datetime64[D]") - 1
    assert rate.covering(first, last) == []
    (said,) = rate.covering(first, (end + 3).astype("datetime64[D]") - 1)
    value = f"{100 * rate.rates[-1]:.4g} %"
    assert said.startswith(
        f"short rate Fed funds by month: the table ends with {end - 1}; its last value, {value},"
    )
    assert said.endswith(", 3 months")
    with pytest.raises(DataError, match=r"starts on 1954-07-01 but the index on 1950-01-03.* another rate"):
        rate.covering(np.datetime64("1950-01-03"), last)


@pytest.mark.parametrize("rate", [5, float("nan"), -0.5])
def test_a_rate_in_percent_is_refused_with_the_right_unit(rate):
    with pytest.raises(DataError, match=r"5 % is 0\.05"):
        ShortRate.constant(rate)


@pytest.mark.parametrize("given", ["0.03", 0.03, " 3e-2 ", np.float64(0.03)])
def test_a_number_or_its_text_is_a_constant_rate(given):
    rate = rate_of(given)
    assert (rate.label, rate.is_constant, rate.at(0)) == ("constant 3.00% a year", True, 0.03)


def test_no_rate_is_the_default_and_all_else_is_a_series(folder):
    assert rate_of(None) is ShortRate.shipped()
    assert rate_of(None, default=0.01).at(0) == 0.01
    assert rate_of("SHORT_RATE", folder).label == "SHORT_RATE"
    assert rate_of(folder / "rates" / "SHORT_RATE.csv").at(18268) == 0.02
    series = pd.Series([4.0], index=pd.DatetimeIndex(["2020-01-02"]), name="mine")
    assert (rate_of(series).label, rate_of(series).at(18268)) == ("mine", 0.04)


@pytest.mark.parametrize("given", ["5", 5, "nan", "-0.5"])
def test_a_constant_that_is_no_fraction_a_year_is_refused(given):
    with pytest.raises(DataError, match=r"rates are fractions a year, 5 % is 0\.05"):
        rate_of(given)


def test_a_rate_that_is_neither_number_nor_series_is_refused(folder):
    with pytest.raises(DataError, match="no data named '2 %'"):
        rate_of("2 %", folder)


def test_borrow_fees_are_percent_a_year_and_may_be_high(tmp_path):
    (tmp_path / "B.csv").write_text("date,value\n2020-01-02,4\n2020-03-16,95\n")
    fee = load_borrow_fee("B", tmp_path)
    day = np.datetime64("2020-03-15").astype(int)
    assert (fee.at(day), fee.at(day + 1)) == (0.04, 0.95)
    (tmp_path / "B.csv").write_text("date,value\n2020-01-02,4\n2020-03-16,900\n")
    with pytest.raises(DataError, match=r"B\.csv, row 3 \(2020-03-16\): a borrow fee is 0 to 500 percent"):
        load_borrow_fee("B", tmp_path)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("SOX:2021-08-25", "is no splice; write it as SOX:2021-08-25:SOXX"),
        ("SOX:soon:SOXX", "is no splice; write it as SOX:2021-08-25:SOXX"),
        ("prices.xlsx", "prices.xlsx: a spreadsheet is not read; save it as .csv"),
    ],
)
def test_a_half_splice_and_a_spreadsheet_are_not_looked_for_at_yahoo(folder, name, said):
    with pytest.raises(DataError) as refused:
        load_bars(name, folder)
    assert said in str(refused.value)
    assert "data get" not in str(refused.value)
