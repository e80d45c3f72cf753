"""One view of the market as a fund, a short sale, contracts for difference and options."""
