"""A tree from TOML: what may stand in it, and a sentence with the path for all that may not."""

import tomllib

import pytest

from letf_instruments import SpecError
from strategies.rules.tree import Tree

HOT = "rsi(SOXL, 10) > 79"


def tree(given, numbers=None):
    return Tree(Tree.Params(tree=given, numbers=numbers or {}))


def nested(depth):
    found = "cash"
    for _ in range(depth):
        found = {"if": HOT, "then": "SOXL", "else": found}
    return found


def test_instruments_and_warm_up_come_from_the_tree():
    text = """
        if = "price(SPY) > sma(SPY, 200)"
        then = {if = "rsi(TQQQ, 10) > 79", then = "cash", else = {equal = ["TQQQ", "cash"]}}
        else = [
          {if = "return(index, 300) < -.1", then = {weights = {SOXS = 0.6, cash = 0.4}}},
          {bottom = 1, by = "rsi(10)", of = ["SOXL", "TQQQ"], inverse_volatility = 20},
        ]
    """
    rule = tree(tomllib.loads(text))
    assert rule.instruments == ("TQQQ", "SOXS", "SOXL")
    assert rule.warm_up == 301
    assert tree("SOXL").warm_up == 1


WRONG = [
    ("cash", "rule.tree holds nothing but cash"),
    (
        {"if": HOT, "then": 5, "else": "X"},
        'rule.tree.then is 5; it should be an instrument, "cash", a list of ifs, or a table with one of',
    ),
    ({}, "rule.tree is {}; it should be"),
    ("rsi(", "rule.tree is 'rsi('; it should be an instrument"),
    ({"if": HOT, "then": "cash"}, 'rule.tree has if but no else; else = "cash" holds nothing there'),
    ({"if": HOT, "else": "cash"}, "rule.tree has if but no then"),
    ({"if": HOT, "then": "X", "els": "X"}, "rule.tree: unknown key els; did you mean else?"),
    ({"iff": HOT, "then": "X", "else": "X"}, "rule.tree: unknown key iff; did you mean if?"),
    ({"then": "X"}, "rule.tree has then, which makes no node"),
    ({"equal": ["X"], "by": "rsi(10)"}, "rule.tree: unknown key by; beside equal there may be nothing"),
    ({"if": 3, "then": "X", "else": "X"}, "rule.tree.if is 3; it should be a text such as"),
    (
        {"if": HOT, "then": {"if": "x", "then": "X", "else": "X"}, "else": "X"},
        'rule.tree.then.if: "x": no ind',
    ),
    ([], "rule.tree is an empty list"),
    ([{"if": HOT, "then": "X"}], "rule.tree[0] is the last of its list and has no else"),
    (["X", "cash"], "rule.tree[0] is 'X'; all of a list but its last should be {if, then}"),
    (
        [{"if": HOT, "then": {"equal": "X"}}, "X"],
        "rule.tree[0].then.equal is 'X'; it should be a list of 1 to",
    ),
    ({"equal": []}, "rule.tree.equal is []; it should be a list of 1 to 100 instruments"),
    ({"equal": ["X", "X"]}, "rule.tree.equal has X twice"),
    ({"equal": ["X", 1]}, "rule.tree.equal[1] is 1; it should be an instrument"),
    ({"weights": {"X": 0.7, "Y": 0.4}}, "rule.tree.weights add up to 1.1; more than 1 would be on credit"),
    ({"weights": {"X": -0.1}}, "rule.tree.weights.X is -0.1; it must be from 0 to 1"),
    ({"weights": {"X": True}}, "rule.tree.weights.X is True; it should be a number, or the name of one of"),
    (
        {"weights": {"X": "w"}},
        "rule.tree.weights.X is 'w': \"w\" is neither a number nor one of rule.numbers",
    ),
    ({"weights": {}}, "rule.tree.weights is {}; it should be a table"),
    ({"top": 1, "of": ["X", "Y"]}, "rule.tree has top but no by"),
    ({"top": 1, "by": "rsi(10)"}, "rule.tree has top but no of"),
    (
        {"top": 3, "by": "rsi(10)", "of": ["X", "Y"]},
        "rule.tree.top is 3; it must be a whole number from 1 to 2",
    ),
    ({"top": 1, "by": "rsj(10)", "of": ["X"]}, 'rule.tree.by: "rsj(10)": no indicator is called rsj'),
    ({"top": 1, "by": "rsi(10)", "of": ["X", "cash"]}, "rule.tree.of[1] is cash, which has no price"),
    (
        {"inverse_volatility": 1, "of": ["X"]},
        "rule.tree.inverse_volatility is 1; it must be a whole number from 2",
    ),
    ({"if": HOT, "then": [[1]], "else": "X"}, "rule.tree.then[0][0] is 1; it should be"),
    (nested(31), "rule.tree is nested more than 30 deep; use a list of ifs, one after another"),
    (nested(3_000), "rule.tree is nested more than 30 deep; use a list of ifs, one after another"),
    ([{"if": HOT, "then": "X"}] * 200 + ["X"], "rule.tree has more than 200 nodes"),
]


@pytest.mark.parametrize(("given", "says"), WRONG, ids=[says[:60] for _, says in WRONG])
def test_what_is_wrong_is_one_sentence_with_the_path_of_its_node(given, says):
    with pytest.raises(SpecError) as caught:
        tree(given)
    assert str(caught.value).startswith(says)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_as_deep_and_as_many_as_is_allowed():
    assert tree(nested(30)).instruments == ("SOXL",)
    chain = [{"if": f"rsi(SOXL, {bars + 2}) > 79", "then": "SOXL"} for bars in range(98)]
    assert tree([*chain, "cash"]).warm_up == 100


def test_a_number_that_nothing_uses_is_an_unknown_key():
    with pytest.raises(
        SpecError, match=r"unknown key rule\.numbers\.hott; rule\.tree does not use it; did you"
    ):
        tree({"if": "rsi(X, 10) > hot", "then": "X", "else": "cash"}, {"hot": 79, "hott": 80})
