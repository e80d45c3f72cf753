"""What a person runs: spec files, backtests, charts, the report, and the `letf` command."""
