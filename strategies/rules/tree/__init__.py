"""Tree: nested conditions that end in what is held, written in TOML."""

from strategies.rules.tree.rule import Tree, TreeParams

__all__ = ["Tree", "TreeParams"]
