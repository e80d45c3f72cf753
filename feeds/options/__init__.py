"""What options need of the market: expiries, how volatile their price takes it to be, what they cost."""
