"""A page with a picture of each kind, and what tests ask of its pictures."""

import numpy as np

from runs.answers.answer import Answer
from runs.answers.closer import Bars, Candles, Choice, Heatmap, Line, Marks, Pane, Panes
from runs.answers.parts import KeyFigure, Picture, Section, Table
from runs.answers.provenance import Provenance

EVIL = "<script>window.evil = 1</script>"
DAYS = np.arange("2000-01-03", "2012-01-01", dtype="datetime64[D]")
N = len(DAYS)
RISE = 100.0 * 1.0005 ** np.arange(N)


def made(*names: str) -> Answer:
    """A page with a table and a picture of each kind, or with those of these names: each takes a browser a
    while, and most tests ask for one."""
    prices = Candles("price", RISE, RISE * 1.01, RISE * 0.99, RISE * 1.001)
    trades = Marks(
        "entered", DAYS[[100, 4000]], RISE[[100, 4000]], ["bought 5\nplan: stop −8 %", EVIL], "rule", "up"
    )
    lines = [Line("rule", RISE, "rule"), Line("ruin", RISE[::-1] / 1e6, "fund", scales=False)]
    panes = Panes(
        DAYS,
        [
            Pane("money", lines, "money", log=True),
            Pane("below", [Line("fall", -RISE / 1e5, "rule", area=True)], "percent", share=0.4),
        ],
    )
    exits = Marks(
        "left",
        DAYS[[4200, 4010]],
        RISE[[4200, 4010]],
        [],
        "gain",
        "down",
        since=(DAYS[[100, 4000]], RISE[[100, 4000]]),
    )
    candles = Panes(DAYS, [Pane(EVIL, [prices, trades, exits], "price")])
    results = Marks("left", DAYS[[120, 4010]], np.array([0.2, -0.3]), [], "gain")
    points = Panes(
        DAYS, [Pane("returns", [Line("0", np.zeros(N), "index", dashed=True), results], "percent")]
    )
    heat = Heatmap(
        "stop",
        "target",
        ["4 %", "8 %"],
        ["10 %", EVIL],
        np.array([[1.0, -2.0], [0.5, np.nan]]),
        "Sharpe",
        middle=0.0,
        words=[["12 trades", EVIL], ["", ""]],
    )
    edges = np.arange(5.0)
    histogram = Panes(
        edges,
        [Pane("draws", [Bars("luck", edges[:-1], edges[1:], np.array([1.0, 4, 2, 0]), "index")])],
        x_label="Sharpe",
    )
    rows = [
        [str(day), f"{value:,.2f}", "stop" if i % 3 else "target", f"{i}"]
        for i, (day, value) in enumerate(zip(DAYS[:200], RISE - 105.0, strict=False))
    ]
    pictures = {
        "equity": Picture("equity", lambda: None, lambda: panes),
        "price": Picture("price", lambda: None, lambda: candles),
        "points": Picture("points", lambda: None, lambda: points),
        "heat": Picture("heat", lambda: None, lambda: heat),
        "luck": Picture("luck", lambda: None, lambda: histogram),
        "choice": Picture("choice", lambda: None, lambda: Choice("which", {"bars": histogram, "heat": heat})),
    }
    wanted = names or tuple(pictures)
    return Answer(
        question="run",
        name="made",
        title=f"made {EVIL}",
        headline="It made something.",
        lead="equity" if "equity" in wanted else None,
        figures=[KeyFigure("CAGR", "+1.0 %", "index held: +2.0 %")],
        sections=[
            Section(
                "All",
                tables=[
                    Table("Every trade", ["day", "profit", "by", "RSI"], rows, long=True, more=(1, "seen"))
                ],
                pictures={name: pictures[name] for name in wanted},
            ),
        ],
        provenance=Provenance({"strategy": "trend", "name": EVIL}, {}),
    )


def box(page, name):
    return page.locator(f"#picture-{name} .closer")


def window(page, name="equity"):
    return page.evaluate(
        f"(() => {{ const r = document.querySelector('#picture-{name} .closer').whole.range;"
        "return [r.start, r.end]; })()"
    )


def scale(page, name="equity", pane=0):
    return page.evaluate(
        f"(() => {{ const r = document.querySelector('#picture-{name} .closer').whole.panes[{pane}]"
        ".figure.y_range; return [r.start, r.end]; })()"
    )


def at_rest(page):
    """Waits until a zoom is over: then it can be undone, and the pictures beside it have followed."""
    page.wait_for_function(
        "[...document.querySelectorAll('.closer')].every(box => !box.whole ||"
        " (box.whole.range.start === box.whole.now[0] && box.whole.range.end === box.whole.now[1]))"
    )
