"""The page of a sweep in a browser: maps with labels and a key, and on paper the whole of a long table."""

import numpy as np
import pytest

from runs.answers.answer import Answer
from runs.answers.closer import Choice, Heatmap
from runs.answers.parts import Picture, Section, Table
from runs.answers.provenance import Provenance
from tests import browser as chromium

pytestmark = pytest.mark.skipif(chromium.missing() is not None, reason=str(chromium.missing()))


def heatmap(values, **more):
    rows, columns = np.shape(values)
    return Heatmap(
        row_label="stop",
        column_label="target",
        rows=[f"row {i}" for i in range(rows)],
        columns=[f"{10 * i}" for i in range(columns)],
        values=np.asarray(values, dtype=float),
        value_label="Sharpe",
        middle=0.0,
        marked=(0, 0),
        **more,
    )


def opened(started, folder, pictures, width=1280):
    """A page with a section for each picture, by name."""
    answer = Answer(
        question="sweep",
        name="maps",
        title="maps",
        headline="h",
        sections=[
            Section(name, pictures={name: Picture(name, lambda: None, lambda given=given: given)})
            for name, given in pictures.items()
        ],
        provenance=Provenance({}, {}),
    )
    (folder / "report.html").write_text(answer.to_html(), encoding="utf-8")
    return chromium.opened(started, (folder / "report.html").as_uri(), width)


NO_SIGN = [[-0.001, 0.31154], [-0.5, 0.0]]
FORMS = [
    ("percent", [0.03, 0.0341, -0.968, 1.0], ["3.0", "3.4", "−96.8", "100.0"]),
    ("percent", [0.1, -0.25, 1.0, 0.0], ["10", "−25", "100", "0"]),
    ("number", [1.0, 2.5, -0.126, 120.5], ["1.00", "2.50", "−0.13", "120.50"]),
    ("number", [61.0, 1204.0, 7.0, 0.0], ["61", "1,204", "7", "0"]),
    ("number", [31.26, 12.0, 7.5, 140.0], ["31.3", "12.0", "7.5", "140.0"]),
]
LOSSES = [(-0.99997, "−99.997 %"), (-0.9999999, "below −99.999 %"), (-1.0, "−100 %"), (-0.5, "−50 %")]
WIDTHS = [(1, 400), (2, 600), (12, 1300)]


@pytest.fixture(scope="module")
def shown(started, tmp_path_factory):
    """A page of maps by name. Tests look at it and touch nothing, as all of them have this one."""
    maps = {
        "no-sign": heatmap(NO_SIGN),
        "hole": heatmap([[1.0, np.nan]]),
        "no-hole": heatmap([[1.0, 2.0]]),
        **{f"form-{at}": heatmap(np.reshape(v, (2, 2)), form=form) for at, (form, v, _) in enumerate(FORMS)},
        **{f"loss-{at}": heatmap([[v, 0.5]], form="percent") for at, (v, _) in enumerate(LOSSES)},
        **{f"columns-{columns}": heatmap(np.ones((2, columns))) for columns, _ in WIDTHS},
    }
    with opened(started, tmp_path_factory.mktemp("maps"), maps) as it:
        yield lambda name: it.page.locator(f"#picture-{name}")
    assert it.errors == []


def middle(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2


@pytest.mark.parametrize(("columns", "width"), [(6, 1280), (30, 1280), (30, 390)])
def test_a_column_s_label_stands_under_its_own_cell(started, tmp_path, columns, width):
    with opened(started, tmp_path, {"map": heatmap(np.ones((2, columns)))}, width) as it:
        labels = it.page.locator(".heat-column > span")
        assert labels.count() >= 4
        for at in range(labels.count()):
            column = int(labels.nth(at).inner_text()) // 10
            cell = it.page.locator(".heat-cell").nth(column)
            assert middle(labels.nth(at)) == pytest.approx(middle(cell), abs=2)


def test_nothing_has_no_sign_and_the_ends_of_the_scale_two_digits(shown):
    assert shown("no-sign").locator(".heat-cell b").all_inner_texts() == ["0.00", "0.31", "−0.50", "0.00"]
    assert shown("no-sign").locator(".heat-key span").all_inner_texts() == ["−0.50", "0.50"]


@pytest.mark.parametrize("at", range(len(FORMS)))
def test_the_cells_of_a_map_have_one_number_of_decimals(shown, at):
    assert shown(f"form-{at}").locator(".heat-cell b").all_inner_texts() == FORMS[at][-1]


@pytest.mark.parametrize("hole", [True, False])
def test_the_key_says_what_is_hatched(shown, hole):
    key = shown("hole" if hole else "no-hole").locator(".heat-key")
    assert ("no value" in key.inner_text()) == hole
    assert key.locator(".none").count() == hole


@pytest.mark.parametrize(("columns", "most"), WIDTHS)
def test_few_cells_are_no_wide_bars(shown, columns, most):
    assert shown(f"columns-{columns}").locator(".heat").bounding_box()["width"] <= most


def test_on_paper_a_choice_is_its_name(started, tmp_path):
    given = Choice("show", {"one map": heatmap(np.ones((2, 2))), "another": heatmap(np.ones((2, 2)))})
    with opened(started, tmp_path, {"map": given}) as it:
        it.page.emulate_media(media="print")
        look = it.page.locator("select").evaluate(
            "e => [getComputedStyle(e).appearance, getComputedStyle(e).borderTopWidth, e.value]"
        )
        assert look == ["none", "0px", "one map"]


@pytest.mark.parametrize("at", range(len(LOSSES)))
def test_of_a_near_total_loss_the_digits_are_told_that_a_table_has(shown, at):
    cell = shown(f"loss-{at}").locator(".heat-cell").first
    assert cell.get_attribute("data-words").endswith(f"Sharpe {LOSSES[at][-1]}")


PAPER = 688  # pixels between the margins of A4


def test_on_paper_a_table_of_seven_parameters_has_its_last_column(started, tmp_path):
    headings = ["rank", "cell", "rsi_bars", "overbought", "oversold", "average_bars", "stop", "target"]
    headings += [
        "max_bars",
        "Sharpe",
        "total return",
        "worst drawdown",
        "trades",
        "neighbours",
        "worst",
        "DSR",
    ]
    row = ["1", "1,456", "5", "55", "25", "28", "0.04", "0.15", "none", "0.85", "+494.0 %", "−12.5 %", "167"]
    row += ["0.77", "0.28", "51 %"]
    rest = [f"metric {i}" for i in range(30)]
    table = Table(
        "cells", [*headings, *rest], [[*row, *rest]] * 3, long=True, more=(len(rest), "every metric")
    )
    answer = Answer(
        question="sweep",
        name="t",
        title="t",
        headline="h",
        sections=[Section("All", tables=[table])],
        provenance=Provenance({}, {}),
    )
    (tmp_path / "report.html").write_text(answer.to_html(), encoding="utf-8")
    with chromium.opened(started, (tmp_path / "report.html").as_uri(), PAPER) as it:
        it.page.emulate_media(media="print")
        last = it.page.locator(".long tbody tr").first.locator("td").nth(15).bounding_box()
        assert last["width"] > 0
        assert last["x"] + last["width"] <= PAPER
        assert it.page.locator(".long tbody td.more").first.is_hidden()
