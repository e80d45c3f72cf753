"""What the tables of a run mean, and how orders were filled: for who asks."""

TWO_WAYS = (
    "Compounding may be a gain in money and a loss among the factors: in money it is set against the "
    "multiple times the index's whole move, which can lose more than all there is; among the factors "
    "against an index that went the same way without a swing."
)
LEGS_MEAN = (
    "In money, over all holdings, share by share. “Multiple × index, taken at its word”: the multiple times "
    "the index's move since that share was bought, as a loan or a short sale of that size would have given. "
    "Compounding is what the daily reset added to it in a trend, or took in chop. Where a position is "
    "rebalanced, each share keeps the move since its own purchase, so this says nothing of a hedge or weight "
    "held at its target all along."
)
DECAY_MEANS = (
    "The factors multiply exactly to what 1 became in the fund: what 1 became in the index, to the power of "
    "the multiple; compounding, the price of variance under a daily reset; financing and cash; fee. The "
    "picture has their logarithms day by day, which add up: −0.69 halves the money, +0.69 doubles it. No "
    "fund promises its multiple over more than a day; “taken at its word” it is the multiple times the "
    "index's total return, and can be more than a loss of everything."
)
FILLS = (
    "Decisions on a bar's close are filled at the next open, unless the plan says at which close, limit or "
    "stop; stops and targets are live from the fill, and where both lie in one bar the stop is taken. Spread "
    "and slippage are charged on every fill beside its price. Sharpe and Sortino are "
    "annualised from daily returns over the short rate."
)
