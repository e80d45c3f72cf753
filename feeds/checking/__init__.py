"""What looks odd or false in market data, and what becomes of it."""
