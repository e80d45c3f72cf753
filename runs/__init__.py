"""What a person runs: spec files, backtests, charts, the report, and the `letf` command."""

import feeds  # noqa: F401  (before backtrader is imported)
