"""What tests ask of the pictures of a run."""

END = {"end": "2008-12-31"}


def parts(panes, kind):
    return {part.name: part for pane in panes.panes for part in pane.parts if isinstance(part, kind)}


def closer(run, name):
    return run.pictures[name].closer()
