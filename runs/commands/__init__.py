"""The `letf` command: one thin file a command."""
