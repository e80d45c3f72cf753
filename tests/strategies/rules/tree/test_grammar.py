"""The language of conditions: what is read, what an indicator is, and a sentence for all that is wrong."""

import pytest

from letf_instruments import SpecError
from strategies.rules.tree.grammar import Comparison, Indicator, condition, score

NUMBERS = {"hot": 79.0, "days": 10.0, "half": 2.5}


def read(text):
    used = set()
    return condition(text, "rule.tree.if", NUMBERS, used), used


@pytest.mark.parametrize(
    ("text", "left", "sign", "right"),
    [
        ("rsi(TQQQ, 10) > 79", Indicator("rsi", "TQQQ", 10), ">", 79.0),
        ("rsi(TQQQ,10)>79", Indicator("rsi", "TQQQ", 10), ">", 79.0),
        ("  rsi( TQQQ , days )<= hot ", Indicator("rsi", "TQQQ", 10), "<=", 79.0),
        ("price(BRK.B) >= sma(^NDX, 200)", Indicator("price", "BRK.B"), ">=", Indicator("sma", "^NDX", 200)),
        ("return(a-b, 20) < -.05", Indicator("return", "a-b", 20), "<", -0.05),
        ("volatility(index, 20) < 1e-1", Indicator("volatility", "index", 20), "<", 0.1),
        ("ema(7203.T, 1) > price(7203.T)", Indicator("ema", "7203.T", 1), ">", Indicator("price", "7203.T")),
    ],
)
def test_a_condition_is_read(text, left, sign, right):
    assert read(text)[0] == Comparison(left, sign, right)


def test_the_names_of_numbers_are_told():
    assert read("rsi(X, days) > hot")[1] == {"days", "hot"}
    assert read("rsi(X, 10) > 79")[1] == set()


def test_a_condition_in_words_and_its_opposite():
    found = read("rsi(TQQQ,days)>hot")[0]
    assert (str(found), found.negated) == ("rsi(TQQQ, 10) > 79", "rsi(TQQQ, 10) <= 79")
    found = read("price(index) <= sma(index, 200)")[0]
    assert found.negated == "price(index) > sma(index, 200)"


WRONG = {
    "": "it ends too soon",
    "rsi": 'after rsi there should be "\\(", not the end',
    "rsi(TQQQ 10) > 79": 'after TQQQ there should be ",", not "10"',
    "rsi(TQQQ, 10) 79": 'after rsi\\(TQQQ, 10\\) there should be >, <, >= or <=, not "79"',
    "rsi(TQQQ, 10) = 79": '"=" has no meaning here',
    "rsi(TQQQ, 10) > 79 and price(X) > 1": '"and" is more than one comparison; for "and" put a second if',
    "rsi(TQQQ, 10) > ": "it ends too soon",
    "rsi(TQQQ, 10) > hott": '"hott" is neither a number nor one of rule.numbers; did you mean hot\\?',
    "rsi(TQQQ, 1) > 79": "the bars of rsi is 1; it must be a whole number from 2 to 2,000",
    "rsi(TQQQ, half) > 79": "the bars of rsi is 2.5; it must be a whole number",
    "sma(TQQQ, 2001) > 79": "the bars of sma is 2001; it must be a whole number from 1 to 2,000",
    "sma(TQQQ, 1e400) > 79": '"1e400" is neither a number nor',
    "rsj(TQQQ, 10) > 79": "no indicator is called rsj; did you mean rsi\\?",
    "79 < rsi(TQQQ, 10)": "no indicator is called 79; there are price, sma, ema, rsi, return, volatility",
    "price(cash) > 1": "cash has no price",
    "price(TQQQ, 10) > 1": 'after TQQQ there should be "\\)", not ","',
    "price(>) > 1": '">" is no name of an instrument',
    "__import__('os').system('x')": '"\'" has no meaning here',
    "rsi(TQQQ, 10) > 79" + " " * 300: "it has 318 letters; a condition may have 200",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_condition_is_one_sentence_with_its_place(text):
    with pytest.raises(SpecError, match=WRONG[text]) as caught:
        read(text)
    assert str(caught.value).startswith('rule.tree.if: "')
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("price", "rank by sma, ema, rsi, return, volatility"),
        ("rsi", 'after rsi there should be "\\("'),
        ("rsi(TQQQ, 10)", '"TQQQ" is neither a number'),
        ("rsi(10) > 3", '">" is too much; a score is such as "rsi\\(10\\)"'),
    ],
)
def test_what_is_no_score_is_one_sentence(text, says):
    with pytest.raises(SpecError, match=says):
        score(text, "rule.tree.by", {}, set())


def test_a_score_is_an_indicator_without_its_instrument():
    assert score("return(20)", "rule.tree.by", {}, set()) == ("return", 20)
