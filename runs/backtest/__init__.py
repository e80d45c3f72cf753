"""One run: its setting, feeds, backtrader, result and metrics; its tables, words and pictures."""
