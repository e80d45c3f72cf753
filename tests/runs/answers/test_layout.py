"""Panels below one another: nothing is cut off, and no words lie on others."""

import numpy as np
import pytest

from runs.answers.canvas import new_figure, png


def boxes(figure):
    """(name, box) of everything in words, as it was drawn."""
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    found = [("title", figure._suptitle.get_window_extent(renderer))]
    for number, panel in enumerate(figure.axes):
        axes = [panel.yaxis]
        if panel.xaxis.get_tick_params().get("labelbottom", True):
            axes.append(panel.xaxis)
        words = [panel.yaxis.label, panel.xaxis.label, panel.title, panel._left_title]
        for axis in axes:
            low, high = sorted(axis.get_view_interval())
            ticks = axis.get_major_ticks() + axis.get_minor_ticks()
            words += [tick.label1 for tick in ticks if low <= tick.get_loc() <= high]
        found += [
            (f"{number}: {text.get_text()}", text.get_window_extent(renderer))
            for text in words
            if text.get_text().strip() and text.get_visible()
        ]
        if panel.get_legend():
            found.append((f"{number}: legend", panel.get_legend().get_window_extent(renderer)))
    return found


def check(figure):
    found = boxes(figure)
    whole = figure.bbox
    for name, box in found:
        assert min(box.x0, box.y0) >= 0, f"{name} is cut off"
        assert (box.max <= whole.max).all(), f"{name} is cut off"
    for i, (name, box) in enumerate(found):
        for other, its in found[i + 1 :]:
            if "legend" in name + other and "title" not in name + other:
                continue
            apart = box.x1 <= its.x0 or its.x1 <= box.x0 or box.y1 <= its.y0 or its.y1 <= box.y0
            assert apart, f"{name} lies on {other}"


@pytest.mark.parametrize("top", [1.0, 150.0, 123_456.0, 9_876_543_210.0])
@pytest.mark.parametrize("log", [False, True])
def test_ticks_of_any_length_stay_clear_of_the_label(top, log):
    figure, axes = new_figure("Two lines\nof a title", True, 3, height=7.0, ratios=(3, 2, 1), stacked=True)
    for number, panel in enumerate(axes):
        panel.plot(np.linspace(top / 1000, top, 50), label="a line")
        panel.set_ylabel(f"label {number}")
        if log:
            panel.set_yscale("log")
        else:
            panel.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes[0].set_title("a title of its own\nof two lines", loc="left")
    axes[1].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    axes[2].legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2)
    axes[2].set_xlabel("x")
    check(figure)


def test_names_at_the_ticks_have_room_along_either_axis():
    figure, (panel,) = new_figure("Names", False, height=3.6, stacked=True)
    panel.barh(range(3), [1.0, 2.0, 3.0])
    panel.set_yticks(range(3), ["a", "the longest of all names", "c"])
    panel.set_xticks(range(4), ["one name", "two name", "three name", "four name"], rotation=30, ha="right")
    panel.set_ylabel("what")
    check(figure)


def test_panels_are_as_high_as_their_shares_say_and_as_wide_as_one_another():
    figure, axes = new_figure("Shares", False, 3, height=7.0, ratios=(30, 20, 10), stacked=True)
    axes[1].set_ylabel("label")
    figure.canvas.draw()
    places = [panel.get_position() for panel in axes]
    assert np.allclose([place.height / places[2].height for place in places], [3.0, 2.0, 1.0])
    assert len({(place.x0, place.x1) for place in places}) == 1


def test_a_picture_is_the_same_when_it_is_drawn_again():
    figure, (panel,) = new_figure("Twice", False, stacked=True)
    panel.plot([1.0, 2.0])
    panel.set_ylabel("label")
    assert png(figure) == png(figure)
