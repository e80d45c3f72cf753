"""What a fund does on a market of a stated return and volatility."""
