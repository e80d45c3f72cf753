"""The page face of an answer: one HTML file that opens offline, for a screen of any width and for paper."""

from runs.answers.page.page import inline, page

__all__ = ["inline", "page"]
