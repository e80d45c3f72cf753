"""A local page over a folder of results: list, search, sort, open, overlay, differences of specs."""

from runs.answers.view.server import View
from runs.answers.view.shelf import Found, results_in

__all__ = ["Found", "View", "results_in"]
