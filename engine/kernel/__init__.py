"""The compiled engine: plans carried out over arrays, with the broker's fills, costs and cash."""
