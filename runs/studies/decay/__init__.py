"""What became of a fund's promise, year by year, by holding period, and why."""
