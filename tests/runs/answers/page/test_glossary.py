"""What a heading or label is explained as."""

import pytest

from runs.answers.page.glossary import means, terms


@pytest.mark.parametrize(
    ("label", "term"),
    [
        ("CAGR", "CAGR"),
        ("sharpe", "Sharpe ratio"),
        ("beta to nasdaq", "beta"),
        ("+ fee", "fee"),
        ("× compounding", "decay"),
        ("= index, without swings", "index, without swings"),
        ("nasdaq at the rule's risk (32 %)", "at the rule's risk"),
        ("… times the funds' multiples", "times the funds' multiples"),
        ("volatility a year (extrapolated)", "volatility a year"),
        ("closed form", "closed form"),
    ],
)
def test_a_label_is_explained_by_the_word_that_it_holds(label, term):
    assert means(label) == terms()[term]


@pytest.mark.parametrize("label", ["", "nasdaq", "average bars held", "the fee of a broker", "+ rest", "(2)"])
def test_what_is_no_word_of_the_glossary_is_not_explained(label):
    assert means(label) is None
