"""Random bars of the nasty kinds, as CSV files: what stands still, jumps, is round, or has no volume."""

from __future__ import annotations

from pathlib import Path

import numpy as np

KINDS = ("calm", "wild", "still", "round", "jumps", "trend", "tiny", "huge")


def write_bars(path: Path, rng: np.random.Generator, n: int, kind: str, dividends: bool = False) -> None:
    """Write n daily bars of a kind to a file."""
    close = _closes(rng, n, kind)
    before = np.concatenate((close[:1], close[:-1]))
    opened = before if rng.random() < 0.4 else before * np.exp(0.01 * rng.standard_normal(n))
    if kind == "round":
        opened = np.where(rng.random(n) < 0.5, before, close)
    wide = 0.0 if kind in ("still", "round") and rng.random() < 0.7 else 0.01
    high = np.maximum(opened, close) * (1.0 + wide * rng.random(n))
    low = np.minimum(opened, close) * (1.0 - wide * rng.random(n))
    volume = np.round(
        10.0 ** rng.uniform(0, 7) * rng.random(n) * (rng.random(n) < rng.choice([0.0, 0.7, 1.0]))
    )
    days = np.busday_offset(np.datetime64("2009-06-01"), np.arange(n))
    columns = [opened, high, low, close, volume]
    headings = "date,open,high,low,close,volume"
    if dividends:
        headings += ",adj_close"
        paid = np.where(rng.random(n) < 0.03, 0.99, 1.0)
        columns.append(close * np.cumprod(paid[::-1])[::-1])
    rows = zip(days, *columns, strict=True)
    path.write_text(
        "\n".join([headings, *(",".join([str(day), *(f"{v:.10g}" for v in row)]) for day, *row in rows)])
    )


def _closes(rng: np.random.Generator, n: int, kind: str) -> np.ndarray:
    swing = {"calm": 0.008, "wild": 0.05, "tiny": 0.02, "huge": 0.02, "trend": 0.01, "jumps": 0.01}.get(
        kind, 0.0
    )
    start = {"tiny": 1e-9, "huge": 1e9}.get(kind, 100.0)
    if kind == "round":
        return np.maximum(8.0 + np.cumsum(rng.choice([-0.25, 0.0, 0.0, 0.0, 0.25, 0.5, -0.5], n)), 0.25)
    steps = swing * rng.standard_normal(n)
    if kind == "still":
        steps = np.where(rng.random(n) < 0.9, 0.0, 0.02 * rng.standard_normal(n))
    if kind == "trend":
        steps += rng.choice([-0.01, 0.01])
    if kind == "jumps":  # beyond a third, which wipes out a 3x fund
        steps += np.where(rng.random(n) < 0.03, rng.choice([-0.45, 0.3, 0.36, -0.41], n), 0.0)
    return start * np.exp(np.cumsum(steps))


def write_series(path: Path, rng: np.random.Generator, n: int, top: float) -> None:
    """Write a series in percent a year, with holes."""
    days = np.busday_offset(np.datetime64("2009-05-25"), np.arange(n + 10))
    kept = rng.random(len(days)) < 0.8
    kept[0] = True
    values = np.round(rng.uniform(0.05 * top, top, len(days)), 2)
    path.write_text(
        "\n".join(["date,rate", *(f"{d},{v}" for d, v in zip(days[kept], values[kept], strict=True))])
    )


def write_payments(path: Path, rng: np.random.Generator, n: int) -> None:
    """Dated payments, more of them in than out; some on no session, and some outside of the run."""
    days = np.datetime64("2009-06-01") + rng.integers(-20, 3 * n // 2 + 20, int(rng.integers(1, 12)))
    amounts = np.round(rng.choice([1.0, 1.0, 1.0, -0.1], len(days)) * 10.0 ** rng.uniform(0, 4, len(days)), 2)
    path.write_text("\n".join(["date,amount", *(f"{d},{a}" for d, a in zip(days, amounts, strict=True))]))


def damage(content: bytes, rng: np.random.Generator) -> bytes:
    """A file as a faulty disk, editor or vendor would leave it."""
    out = bytearray(content)
    at = int(rng.integers(len(out))) if out else 0
    lines = content.split(b"\n")
    line = int(rng.integers(len(lines)))
    match rng.integers(10):
        case 0:
            return content[:at]
        case 1:
            out[at : at + 1] = bytes([int(rng.integers(256))])
            return bytes(out)
        case 2:
            return b"\n".join(lines[:line] + lines[line + 1 :])
        case 3:
            return b"\n".join([*lines[:line], *lines[line : line + 1] * 2, *lines[line + 1 :]])
        case 4:
            return content.replace(b",", rng.choice([b";", b",,", b"\t", b" "]), int(rng.integers(1, 9)))
        case 5:
            words = [b"nan", b"inf", b"-1", b"0", b"1e400", b"null", b"true", b"=A1", b"now", b"\xff", b"1,5"]
            fields = lines[line].split(b",")
            fields[int(rng.integers(len(fields)))] = words[int(rng.integers(len(words)))]
            return b"\n".join([*lines[:line], b",".join(fields), *lines[line + 1 :]])
        case 6:
            order = rng.permutation(len(lines))
            return b"\n".join(lines[i] for i in order)
        case 7:
            return b"\xef\xbb\xbf" + content
        case 8:
            return content[:at] + bytes(rng.integers(0, 256, 8, dtype=np.uint8)) + content[at:]
        case _:
            return content.decode("utf-8", "replace").encode("utf-16")
