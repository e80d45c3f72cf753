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


def fields(rows, columns):
    """Panels in rows and columns over one scale of colours and one legend, as a sweep has them."""
    figure, axes = new_figure(
        "Fields\nof two lines", True, rows, columns, height=1.6 + 2.9 * rows, stacked=True
    )
    for number, panel in enumerate(axes):
        drawn = panel.imshow(np.arange(12.0).reshape(3, 4) * 1_000, aspect="auto")
        panel.set_yticks(range(3), ["a", "a long name", "c"])
        panel.set_xticks(range(4), ["0.04", "0.06", "0.08", "0.1"], rotation=45)
        panel.set_title(f"panel {number}", fontsize=10)
        panel.set_xlabel("x")
        panel.set_ylabel("y")
    bar = figure.colorbar(drawn, ax=axes, extend="both", aspect=28)
    bar.set_label("profit in money")
    line = axes[0].plot([], [], label="a line")
    legend = figure.legend(handles=line, loc="outside lower left")
    figure.canvas.draw()
    return figure, axes, bar, legend


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (2, 2), (3, 4)])
def test_panels_in_columns_leave_each_other_the_scale_and_the_legend_their_room(rows, columns):
    figure, axes, bar, legend = fields(rows, columns)
    renderer = figure.canvas.get_renderer()
    boxes = [panel.get_tightbbox(renderer) for panel in axes]
    boxes += [bar.ax.get_tightbbox(renderer), legend.get_window_extent(renderer)]
    boxes.append(figure._suptitle.get_window_extent(renderer))
    for i, box in enumerate(boxes):
        assert min(box.x0, box.y0) >= 0
        assert (box.max <= figure.bbox.max).all()
        for other in boxes[i + 1 :]:
            assert box.x1 <= other.x0 or other.x1 <= box.x0 or box.y1 <= other.y0 or other.y1 <= box.y0
    assert len({round(panel.get_position().width, 9) for panel in axes}) == 1
    assert bar.ax.get_position().height > 0.9 * (
        max(panel.get_position().y1 for panel in axes) - min(panel.get_position().y0 for panel in axes)
    )


def test_a_panel_that_was_taken_away_leaves_its_place_empty():
    figure, axes = new_figure("Three of four", False, 2, 2, height=5.0, stacked=True)
    axes[3].remove()
    figure.canvas.draw()
    first, second, third = (panel.get_position() for panel in axes[:3])
    assert (first.x0, first.y0) == (third.x0, second.y0)


def test_a_long_name_that_ends_at_the_first_tick_is_not_cut_off():
    figure, (panel,) = new_figure("Names", False, height=4.0, stacked=True)
    panel.plot([0, 1, 2])
    panel.set_xticks(range(3), ["the_longest_of_all_parameters", "b", "c"], rotation=20, ha="right")
    check(figure)
