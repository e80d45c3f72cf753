"""What carries rules and plans out in backtrader, with real orders."""
