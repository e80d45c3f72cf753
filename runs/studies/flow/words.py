"""What `letf flow` says in rows: how large the trades are, how far leverage drifts, the largest days."""

from __future__ import annotations

from typing import Any

from runs.answers.index_words import not_its_index
from runs.answers.parts import KeyFigure
from runs.answers.words import dollars, number, percent, share, signed_share, with_caveats
from runs.studies.flow.study import FlowResult

Rows = list[list[str]]


def flow_headline(found: FlowResult, metrics: dict[str, Any]) -> str:
    """The first line: whose flow, when, and how much on an average day and the largest."""
    m = metrics
    mark = "SIMULATED data. " if m["simulated"] else ""
    said = (
        f"{mark}{m['fund']} on {m['index']}, {m['first']} to {m['last']}, with {dollars(m['assets'])}: it "
        f"trades {dollars(m['trade_mean'])} at an average close, {dollars(m['trade_max'])} on "
        f"{m['largest_date']}."
    )
    return with_caveats(said, not_its_index([found.flow.fund], found.inputs.bars))


def key_figures(metrics: dict[str, Any]) -> list[KeyFigure]:
    """What it trades at an average and at the largest close, and how far its leverage drifts."""
    m = metrics
    low, high = number(m["multiple_before_reset_p5"], 2), number(m["multiple_before_reset_p95"], 2)
    return [
        KeyFigure(
            "trade at an average close",
            dollars(m["trade_mean"]),
            f"{share(m['share_of_assets_mean'])} of assets",
        ),
        KeyFigure("largest trade", dollars(m["trade_max"]), f"on {m['largest_date']}"),
        KeyFigure("multiple before the reset", f"{low} to {high}", "on nine days of ten"),
    ]


def size_rows(metrics: dict[str, Any]) -> tuple[list[str], Rows]:
    """Headings and rows: mean, percentiles and maximum of the trade, whichever way it went."""
    rows = [
        [label, *(write(metrics[f"{key}_{name}"]) for name in ("mean", "p95", "p99", "max"))]
        for label, key, write in (
            ("dollars", "trade", dollars),
            ("of assets", "share_of_assets", share),
            ("of the index source's traded value", "share_of_traded_value", share),
        )
        if metrics[f"{key}_mean"] is not None  # a note says why there is no traded value
    ]
    return ["trade at the close, size", "mean", "95 % are below", "99 % are below", "largest"], rows


def drift_rows(metrics: dict[str, Any]) -> tuple[list[str], Rows]:
    """Headings and rows: the distribution of the multiple before the reset, by moment of the session."""
    rows = []
    for label, key in (
        ("at the close, before the reset", "multiple_before_reset"),
        ("at the index's high", "multiple_at_high"),
        ("at the index's low", "multiple_at_low"),
        ("at every bar's close", "multiple_by_bar"),
    ):
        if f"{key}_min" in metrics:
            values = (metrics[f"{key}_{name}"] for name in ("min", "p5", "median", "p95", "max"))
            rows.append([label, *(number(value, 3) for value in values)])
    return ["multiple held", "lowest", "5 % are below", "median", "95 % are below", "highest"], rows


def largest_rows(result: FlowResult) -> tuple[list[str], Rows]:
    """Headings and rows: the ten largest trades; beside the traded value where any is known."""
    flow, over = result.flow, result.share_of_traded_value
    known = bool((over == over).any())
    rows = [
        [
            str(flow.sessions[i]),
            percent(float(flow.index_return[i]), 2),
            dollars(float(result.trade[i])),
            percent(float(flow.trade[i])),
            *([signed_share(float(over[i])) if over[i] == over[i] else "n/a"] if known else []),
            number(float(flow.multiple[i]), 2) if flow.multiple[i] == flow.multiple[i] else "n/a",
        ]
        for i in result.largest
    ]
    of_value = ["of traded value"] if known else []
    return ["largest days", "index", "trade", "of assets", *of_value, "multiple before it"], rows
