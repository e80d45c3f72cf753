"""The two sides of a bet on the index, and the sign of the instrument that each needs."""

from __future__ import annotations

from typing import Literal

from letf_instruments import SpecError

Side = Literal["bear", "bull"]

INSTRUMENTS: dict[str, str] = {"bear": "SOXS", "bull": "SOXL"}


def check_sign(why: str, side: str, instrument: str, multiple: float) -> None:
    """Raise SpecError if an instrument's multiple does not fit the side: negative for bear.

    Parameters
    ----------
    why : start of the sentence, what asks for the sign: "rule.side is 'bear'".
    """
    if (multiple < 0) != (side == "bear"):
        sign = "negative" if side == "bear" else "positive"
        raise SpecError(
            f"{why}, which needs an instrument with a {sign} multiple; "
            f"plan.instrument {instrument} has {multiple:+g}"
        )
