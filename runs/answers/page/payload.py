"""What the page's script draws from: a `Closer` as JSON, numbers packed, thinned to what the eye can see."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from runs.answers.closer import (
    Band,
    Candles,
    Choice,
    Closer,
    Flag,
    Floats,
    Heatmap,
    Line,
    Marks,
    Pane,
    Panes,
    Part,
)

MOST = 8_000  # places on an axis: more than any screen has columns
Payload = dict[str, Any]


def payload(closer: Closer) -> Payload:
    """The picture as the script takes it."""
    if isinstance(closer, Choice):
        return {"kind": "choice", "label": closer.label, "of": {k: payload(v) for k, v in closer.of.items()}}
    if isinstance(closer, Heatmap):
        return _heatmap(closer)
    return _panes(closer)


def packed(value: Any) -> str:
    """JSON, compressed: a third of a page's size. In base64 there is no character that could begin a tag."""
    return compressed(json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False))


def compressed(text: str) -> str:
    """A text as gzip in base64, the same bytes each time: what the page's script unpacks."""
    return base64.b64encode(gzip.compress(text.encode("utf-8"), 1, mtime=0)).decode("ascii")


def _panes(panes: Panes) -> Payload:
    dates = np.issubdtype(panes.x.dtype, np.datetime64)
    kept = thinned(panes)
    note = panes.note
    if len(kept) < len(panes.x):
        seen = f"{len(kept):,} of {len(panes.x):,} points are drawn, highs and lows among them."
        note = f"{note} {seen}".strip()
    return {
        "kind": "panes",
        "dates": bool(dates),
        "even": bool(dates) and len(kept) == len(panes.x) and _has_candles(panes),
        "x": _packed(_numbers(panes.x[kept]), np.float64),
        "xLabel": panes.x_label,
        "xForm": panes.x_form,
        "names": list(panes.names),
        "note": note,
        "panes": [_pane(pane, kept) for pane in panes.panes],
    }


def _has_candles(panes: Panes) -> bool:
    """Candles stand on an axis of bars, each as far from the next: by the calendar weekends would tear them
    apart."""
    return any(isinstance(part, Candles) for pane in panes.panes for part in pane.parts)


def thinned(panes: Panes) -> np.ndarray:
    """Which places are drawn: all, or in each of many equal stretches the first, the last, and where any line
    is highest or lowest."""
    n = len(panes.x)
    if n <= MOST:
        return np.arange(n)
    lines = [values for pane in panes.panes for values in _curves(pane)]
    stretches = max(1, MOST // (2 + 2 * len(lines)))
    edges = np.linspace(0, n, stretches + 1).astype(int)
    kept = [edges[:-1], edges[1:] - 1]
    for values in lines:
        for extreme in (np.fmin, np.fmax):  # which pass over gaps
            ends = np.repeat(extreme.reduceat(values, edges[:-1]), np.diff(edges))
            places = np.flatnonzero(values == ends)
            # Of several that are as high or low, the first.
            kept.append(places[np.unique(np.searchsorted(edges, places, "right"), return_index=True)[1]])
    return np.unique(np.concatenate(kept))


def _curves(pane: Pane) -> Iterator[Floats]:
    for part in pane.parts:
        if isinstance(part, Line):
            yield part.values
        elif isinstance(part, (Band, Candles)):
            yield part.low
            yield part.high


def _pane(pane: Pane, kept: np.ndarray) -> Payload:
    return {
        "label": pane.label,
        "form": pane.form,
        "log": pane.log,
        "share": pane.share,
        "names": list(pane.names),
        "parts": [_part(part, kept) for part in pane.parts],
    }


def _part(part: Part, kept: np.ndarray) -> Payload:
    if isinstance(part, Line):
        return {
            "kind": "line",
            "name": part.name,
            "colour": part.colour,
            "dashed": part.dashed,
            "area": part.area,
            "shown": part.shown,
            "scales": part.scales,
            "y": _packed(part.values[kept]),
        }
    if isinstance(part, Band):
        ends = {"low": _packed(part.low[kept]), "high": _packed(part.high[kept])}
        return {"kind": "band", "name": part.name, "colour": part.colour, **ends}
    if isinstance(part, Candles):
        prices = {key: _packed(getattr(part, key)[kept]) for key in ("open", "high", "low", "close")}
        return {"kind": "candles", "name": part.name, **prices}
    if isinstance(part, Flag):
        edges = np.diff(np.concatenate(([0], part.holds[kept].astype(np.int8), [0])))
        runs = zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist(), strict=True)
        # From the first place at which it holds to the last one.
        spans = [[first, past - 1] for first, past in runs]
        return {"kind": "flag", "name": part.name, "colour": part.colour, "spans": spans}
    if isinstance(part, Marks):
        order = np.argsort(part.at, kind="stable")
        begun = {}
        if part.since is not None:
            at, values = part.since
            begun = {"x0": _packed(_numbers(at[order]), np.float64), "y0": _packed(values[order])}
        return {
            "kind": "marks",
            **begun,
            "name": part.name,
            "colour": part.colour,
            "shape": part.shape,
            "stems": part.stems,
            "scales": part.scales,
            "x": _packed(_numbers(part.at[order]), np.float64),
            "y": _packed(part.values[order]),
            "words": [part.words[place] for place in order] if part.words else [],
        }
    edges = {
        "left": _packed(_numbers(part.left), np.float64),
        "right": _packed(_numbers(part.right), np.float64),
    }
    base = np.zeros(len(part.heights)) if part.base is None else part.base
    ends = {"base": _packed(base), "top": _packed(base + part.heights), "y": _packed(part.heights)}
    return {"kind": "bars", "name": part.name, "colour": part.colour, **edges, **ends}


def _heatmap(map_: Heatmap) -> Payload:
    return {
        "kind": "heatmap",
        "rowLabel": map_.row_label,
        "columnLabel": map_.column_label,
        "rows": list(map_.rows),
        "columns": list(map_.columns),
        "values": _packed(map_.values.ravel()),
        "valueLabel": map_.value_label,
        "form": map_.form,
        "middle": map_.middle,
        "words": [list(row) for row in map_.words],
        "limits": None if map_.limits is None else list(map_.limits),
        "marked": None if map_.marked is None else list(map_.marked),
    }


def _numbers(x: np.ndarray) -> Floats:
    """An axis as the script has it: dates as milliseconds since 1970."""
    if np.issubdtype(x.dtype, np.datetime64):
        return x.astype("datetime64[ms]").astype(np.int64).astype(np.float64)
    return np.asarray(x, dtype=np.float64)


def _packed(values: np.ndarray, kind: type = np.float32) -> str:
    """Numbers as little-endian bytes in base64, the first byte of all, then the second: so those that change
    little stand together, and a page is smaller. What is none or beyond all bounds is NaN."""
    with np.errstate(over="ignore"):
        narrow = np.asarray(values, dtype=np.float64).astype(np.dtype(kind).newbyteorder("<"))
    narrow[~np.isfinite(narrow)] = np.nan
    planes = narrow.view(np.uint8).reshape(len(narrow), narrow.itemsize).T
    return base64.b64encode(planes.tobytes()).decode("ascii")
