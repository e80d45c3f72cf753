"""What tests of pages ask of the pictures that can be looked into."""

from runs.answers.closer import Choice, Panes


def all_parts(panes: Panes, kind: type, pane: int | None = None) -> dict:
    """Parts of a kind by name, of one pane or of all."""
    some = panes.panes if pane is None else [panes.panes[pane]]
    return {part.name: part for each in some for part in each.parts if isinstance(part, kind)}


def closer_of(answer, name: str, choice: str | None = None) -> Panes:
    """What a picture gives to look into; of several the one of that name."""
    found = answer.pictures[name].closer()
    return found if choice is None else found.of[choice]


def checked_first_screen(answer, asked: str) -> list[str]:
    """The labels of the figures of an answer whose page has what belongs on the first screen."""
    assert answer.asked.startswith(asked)
    assert 1 <= len(answer.figures) <= 5
    assert all(figure.value for figure in answer.figures)
    assert answer.pictures[answer.lead].closer is not None
    for picture in answer.pictures.values():
        if picture.closer is None:
            assert not picture.on_page
            continue
        given = picture.closer()
        for panes in given.of.values() if isinstance(given, Choice) else [given]:
            assert isinstance(panes, Panes)
    return [figure.label for figure in answer.figures]
