"""What both engines count and say of an account's cash; the compiled one needs no backtrader for it."""

MONEY_MARKET_DAYS = 360.0  # interest is ACT/360


def more_than_cash(day: object, wanted: float, cash: float) -> str:
    """The sentence on a withdrawal that stops a run."""
    return (
        f"{day}: {wanted:,.2f} is to be paid out, but of cash there is {max(cash, 0.0):,.2f}; a withdrawal "
        "sells nothing, so pay out less or keep more in cash"
    )
