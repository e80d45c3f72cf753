"""How much of a result is luck."""
