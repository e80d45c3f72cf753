"""A damaged result folder: one sentence, what is sound is kept, and the same table in the end."""

import json
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from letf_instruments import DataError
from runs.sweeps.engines import job as jobs
from runs.sweeps.results.soundness import checksum, facts_of
from runs.sweeps.results.table import open_sweep
from tests.runs.command import letf
from tests.runs.sweeps.specs import spec_file

SWEEP = "plan.stop = [0.03, 0.05, 0.1]\nplan.max_bars = [3, 6, 9]"


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """A whole sweep of nine cells in three chunks, and what it was asked with."""
    home = tmp_path_factory.mktemp("swept")
    given = ("sweep", spec_file(home, SWEEP), "--verify", 0, "--workers", 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(jobs.CHUNK, "kernel", 3)
        done = letf(*given, "--out", home / "s")
    assert done.returncode == 0, done.stderr
    return home / "s", given


@pytest.fixture
def swept(asked, tmp_path, monkeypatch):
    """That sweep in a folder of the test's own, and the command that goes on with it."""
    monkeypatch.setitem(jobs.CHUNK, "kernel", 3)
    folder, given = asked
    shutil.copytree(folder, tmp_path / "s")
    return tmp_path / "s", (*given, "--out", tmp_path / "s")


def rewritten(path, change):
    pq.write_table(change(pq.read_table(path)), path)


def flip(path):
    content = bytearray(path.read_bytes())
    for at in range(len(content) // 3, len(content) // 3 + 16):  # of one alone a header may take no notice
        content[at] ^= 0xFF
    path.write_bytes(content)


def altered(table):
    at = table.schema.get_field_index("sharpe")
    values = table["sharpe"].to_numpy().copy()
    values[4] += 1e-9
    return table.set_column(at, table.schema.field(at), pa.array(values))


# What is done to the table, and how many of the nine cells are sound after it.
DAMAGE = {
    "truncated": (lambda p: p.write_bytes(p.read_bytes()[:-100]), 0),
    "emptied": (lambda p: p.write_bytes(b""), 0),
    "a column taken out": (lambda p: rewritten(p, lambda t: t.drop_columns(["sharpe"])), 0),
    "half of the rows": (lambda p: rewritten(p, lambda t: t.slice(0, 4)), 3),
    "rows twice": (lambda p: rewritten(p, lambda t: pa.concat_tables([t, t.slice(2, 3)])), 9),
    "a value changed": (lambda p: rewritten(p, altered), 6),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_table_is_refused_and_mended(swept, kind):
    folder, command = swept
    do, sound = DAMAGE[kind]
    before = (folder / "cells.parquet").read_bytes()
    do(folder / "cells.parquet")
    top = letf("top", folder)
    assert (top.returncode, top.stdout) == (2, "")
    assert "cells.parquet is damaged, " in top.stderr
    assert len(top.stderr.splitlines()) == 1
    again = letf(*command, "--resume")
    assert again.returncode == 0, again.stderr
    assert f"{sound} of 9 cells are sound and kept, the others are run again" in again.stdout
    assert pq.read_table(folder / "cells.parquet").equals(pq.read_table(pa.BufferReader(before)))
    assert "whole already" in letf(*command, "--resume").stdout


def test_a_flipped_byte_anywhere_is_seen(swept):
    folder, _ = swept
    whole = (folder / "cells.parquet").read_bytes()
    for at in np.linspace(0, len(whole) - 1, 12).astype(int):
        flipped = bytearray(whole)
        flipped[at] ^= 0x01
        (folder / "cells.parquet").write_bytes(flipped)
        with pytest.raises(DataError, match="is damaged"):
            open_sweep(folder)
    (folder / "cells.parquet").write_bytes(whole)
    assert len(open_sweep(folder)) == 9


CHANGES = {
    "fewer cells": lambda m: m["sweep"].update(cells=4),
    "other values": lambda m: m["sweep"]["axes"].update({"plan.stop": [1, 2, 3]}),
    "values that are none": lambda m: m["sweep"]["axes"].update({"plan.stop": 7}),
    "notes that are none": lambda m: m.update(notes=7),
    "a search that is none": lambda m: m["sweep"].update(search=7),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_an_edited_manifest_is_refused_in_one_sentence(swept, kind):
    folder, command = swept
    manifest = json.loads((folder / "manifest.json").read_text())
    CHANGES[kind](manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    for done in (letf("top", folder), letf(*command, "--resume")):
        assert done.returncode == 2
        assert "manifest.json is not as it was written" in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert (folder / "cells.parquet").is_file()


def test_a_damaged_part_of_an_unfinished_sweep_is_left_out_and_run_again(swept):
    folder, command = swept
    before = pq.read_table(folder / "cells.parquet")
    (folder / "cells.parquet").write_bytes(b"")
    letf(*command, "--resume", "--sample", 1)  # another sweep: refused, and nothing is touched
    with pytest.MonkeyPatch.context() as stopped:
        stopped.setattr(
            "runs.sweeps.results.merge.Merge.finish", lambda *_: (_ for _ in ()).throw(OSError(28, "full"))
        )
        letf(*command, "--resume")
    parts = sorted((folder / "parts").iterdir())
    assert len(parts) == 3
    flip(parts[1])
    assert len(open_sweep(folder)) == 6
    assert letf(*command, "--resume").returncode == 0
    assert pq.read_table(folder / "cells.parquet").equals(before)


@pytest.mark.parametrize("kept", [[], [0], [0, 1, 2]])
def test_facts_of_a_table_are_the_same_from_what_its_writer_knows(tmp_path, kept):
    rows = pa.table({"cell": np.arange(10), "sharpe": np.append(np.arange(9.0), np.nan)})
    pq.write_table(rows, tmp_path / "cells.parquet")
    lengths = [4, 4, 2]
    sums = {chunk: checksum(rows.slice(4 * chunk, lengths[chunk]).combine_chunks()) for chunk in kept}
    assert facts_of(tmp_path / "cells.parquet", lengths, sums) == facts_of(
        tmp_path / "cells.parquet", lengths
    )


def test_a_checksum_is_of_the_values_however_they_lie():
    table = pa.table({"a": [1.0, None, 3.0], "b": ["x", None, "yz"]})
    apart = pa.concat_tables([table.slice(0, 1), table.slice(1)])
    assert checksum(apart) == checksum(table)
    moved = pa.table({"a": [1.0, 3.0, None], "b": ["x", None, "yz"]})
    cut = pa.table({"a": [1.0, None, 3.0], "b": ["xy", None, "z"]})
    assert len({checksum(t) for t in (table, moved, cut)}) == 3


def test_the_example_of_a_saved_sweep_is_opened_again(swept, tmp_path):
    import letf as door

    folder, _ = swept
    saved = door.top(folder).save(tmp_path / "elsewhere")
    assert len(door.top(saved).cells) == 9
