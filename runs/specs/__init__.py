"""What to run: the TOML, checked: run, data, money, parameters, a person's own strategy."""
