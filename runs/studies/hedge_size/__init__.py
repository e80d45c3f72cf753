"""How much of a fund brings a holding to a beta."""
