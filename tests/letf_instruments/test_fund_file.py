import numpy as np
import pytest

from letf_instruments import FactError
from letf_instruments.fund_file import load_fund_file

GOOD = """
ticker = "semi2"
name = "Two times semiconductors"
multiple = 2
index = "PHLX Semiconductor"
inception = 2015-01-02
expense_ratio = 0.0095
spread = [{from = 2015-01-02, to = 2019-12-31, rate = 0.005}, {from = 2020-01-01, rate = 0.02}]
"""


def write(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return path


def test_a_fund_of_one_s_own_needs_no_code(tmp_path):
    fund = load_fund_file(write(tmp_path, GOOD))
    assert (fund.ticker, fund.multiple, fund.inception) == ("SEMI2", 2.0, np.datetime64("2015-01-02"))
    assert fund.spreads.at("2019-12-31") == 0.005
    assert fund.spreads.at("2020-01-01") == 0.02
    assert fund.fees.at("2030-01-01") == 0.0095


def test_ticker_and_multiple_are_enough(tmp_path):
    fund = load_fund_file(write(tmp_path, 'ticker = "X"\nmultiple = -1.5'))
    assert (fund.multiple, fund.fees.at("2020-01-01")) == (-1.5, 0.0)


def test_the_mark_that_windows_editors_begin_a_file_with_is_read_over(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(b'\xef\xbb\xbfticker = "X"\nmultiple = 3\n')
    assert load_fund_file(path).multiple == 3.0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("to = 2019-12-31", "to = 2020-06-30"), "eras of spread overlap: one runs to 2020-06-30"),
        (("from = 2020-01-01", "from = 2014-01-01"), "eras of spread overlap"),
        (("to = 2019-12-31", "to = 2014-12-31"), "before it starts"),
        (("0.0095", "0.95"), r"0\.95 % is 0\.0095"),
        (("multiple = 2", 'multiple = "2"'), "multiple is '2'; it must be a number"),
        (("multiple = 2", "multiple = 0"), "multiple of SEMI2 is 0"),
        (("multiple = 2", ""), "multiple is missing"),
        (("name =", "nmae ="), "unknown key nmae"),
        (("2015-01-02\n", '"2015"\n'), "inception is '2015'; write it as 2015-01-02"),
        (("rate = 0.02", "rte = 0.02"), "an era of spread must be"),
        (("ticker =", "ticker"), "cannot be read as TOML"),
        (("2015-01-02\n", "2015-01-02T00:00:00\n"), "write it as 2015-01-02, without quotes"),
        (("from = 2020-01-01", "from = 2020-01-01T00:00:00"), "an era of spread must be"),
        (("multiple = 2", "multiple = 1" + 400 * "0"), "it must be a number such as -3"),
        (('"semi2"', '"../../up"'), "ticker is '../../up'"),
    ],
)
def test_a_wrong_file_is_one_sentence_with_its_name(tmp_path, change, says):
    with pytest.raises(FactError, match=says) as error:
        load_fund_file(write(tmp_path, GOOD.replace(*change)))
    assert "mine.toml" in str(error.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FactError, match="no such file"):
        load_fund_file(tmp_path / "none.toml")
