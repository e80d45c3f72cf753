"""Where a plan's market orders are filled."""

from __future__ import annotations

from typing import Literal

FILLS = ("open", "close", "same-close")
Fill = Literal["open", "close", "same-close"]
