"""The colours of a page: each has one in both schemes, and those of an order are told apart by it."""

import itertools
import re

import pytest

from runs.answers import panes
from runs.answers.closer import COLOURS, STEPS, step_of
from runs.answers.page.page import page_file

LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
    for block in re.findall(r":root\S* \{(.*?)\}", page_file("style.css"), re.S)[:2]
)


def luminance(colour):
    """By WCAG 2: relative luminance of an sRGB colour."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_colour_is_there_and_shows_on_the_paper(scheme):
    for name in COLOURS:
        assert contrast(scheme[f"c-{name}"], scheme["paper"]) > 1.9, name
    assert set(panes.COLOURS) == set(COLOURS)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_of_an_order_grow_stronger_step_by_step(scheme):
    shown = [contrast(scheme[f"c-{name}"], scheme["paper"]) for name in STEPS]
    assert all(later > 1.3 * earlier for earlier, later in itertools.pairwise(shown))


def test_things_that_have_an_order_take_the_colours_in_it():
    assert [step_of(place, 5) for place in range(5)] == list(STEPS)
    assert [step_of(place, 3) for place in range(3)] == [STEPS[0], STEPS[2], STEPS[4]]
    assert step_of(0, 1) == STEPS[0]


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_an_entry_is_no_exit_with_a_gain(scheme):
    """By distance in sRGB: what marks an entry is far from what marks a gain and a loss."""
    entry = scheme["c-more-1"]
    for other in ("c-gain", "c-loss"):
        parts = [(int(entry[at : at + 2], 16) - int(scheme[other][at : at + 2], 16)) ** 2 for at in (1, 3, 5)]
        assert sum(parts) ** 0.5 > 100
