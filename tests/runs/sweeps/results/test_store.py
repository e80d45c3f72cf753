"""The folder: nothing half-written is taken for whole, nothing of somebody else's is overwritten."""

import itertools
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from letf_instruments import LetfError
from runs.answers.folder import write_folder
from runs.sweeps.results import merge
from runs.sweeps.results.soundness import signed
from runs.sweeps.results.store import open_store

SHAPE = pa.schema([pa.field("cell", pa.int64())], metadata={b"letf-lab": b"{}"})


def manifest(**sweep) -> dict:
    return {
        "sweep": {"axes": {"plan.stop": [0.1, 0.2], "plan.target": [1]}, "cells": 7, **sweep},
        "spec": {"name": "x", "plan": {"fraction": 0.5}},
        "data": {"markets": {}},
        "versions": {"letf-lab": "1"},
        "state": "running",
        "times": {},
    }


def rows(*cells: int) -> pa.Table:
    return pa.table({"cell": pa.array(cells, pa.int64())}, schema=SHAPE)


LENGTHS = {0: 3, 1: 3, 2: 1}


@pytest.fixture
def begun(tmp_path):
    """A folder with two of three parts, the process that wrote them gone."""
    with open_store(tmp_path / "s", manifest(), False) as store:
        store.put(2, rows(6))
        store.put(0, rows(0, 1, 2))
    return tmp_path / "s"


def test_what_is_missing_is_known_and_leftovers_are_removed(begun):
    (begun / "parts" / "000001.parquet").write_bytes(b"PAR1 cut off")
    (begun / "parts" / "000001.parquet.writing").write_bytes(b"")
    with open_store(begun, manifest(), True) as store:
        assert store.done(LENGTHS) == {0, 2}
        assert store.kept == 4
    assert sorted(p.name for p in (begun / "parts").iterdir()) == ["000000.parquet", "000002.parquet"]


def test_the_table_is_all_parts_in_order_and_does_not_depend_on_their_size(begun, tmp_path, monkeypatch):
    monkeypatch.setattr(merge, "ROW_GROUP", 4)
    with open_store(begun, manifest(), True) as store:
        store.put(1, rows(3, 4, 5))
        store.merge(3, SHAPE)
        store.finish({}, {}, {"state": "whole"})
        assert store.is_whole
    assert sorted(p.name for p in begun.iterdir()) == ["cells.parquet", "manifest.json"]
    with open_store(tmp_path / "other", manifest(), False) as other:
        other.put(0, rows(*range(7)))
        other.merge(1, SHAPE)
    file = pq.ParquetFile(begun / "cells.parquet")
    assert file.read()["cell"].to_pylist() == list(range(7))
    assert [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] == [4, 3]
    assert file.schema_arrow.metadata[b"letf-lab"] == b"{}"
    same = (tmp_path / "other" / "cells.parquet").read_bytes()
    assert (begun / "cells.parquet").read_bytes() == same
    assert json.loads((begun / "manifest.json").read_text())["state"] == "whole"


def test_an_unfinished_sweep_is_not_overwritten(begun):
    with pytest.raises(LetfError, match=r"unfinished sweep, 4 of 7 cells done; go on with --resume"):
        open_store(begun, manifest(), False)
    assert len(list((begun / "parts").iterdir())) == 2


def test_a_whole_sweep_is_replaced(begun):
    (begun / "cells.parquet").write_bytes(b"")
    with open_store(begun, manifest(), False) as store:
        assert not store.is_whole
        assert store.done(LENGTHS) == set()
    assert [p.name for p in begun.parent.iterdir()] == ["s"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda m: m["spec"]["plan"].update(fraction=1.0), "spec plan fraction was 0.5 and is 1.0"),
        (lambda m: m["sweep"].update(sample=3), "sweep sample was null and is 3"),
        (lambda m: m["sweep"]["axes"].update({"plan.stop": [0.1]}), r"plan.stop was \[0.1, 0.2\] and is"),
        (
            lambda m: m["sweep"].update(axes=dict(reversed(m["sweep"]["axes"].items()))),
            "the order of parameters was",
        ),
        (lambda m: m["data"].update(markets={"all": {"sha256": "f"}}), "data markets all was null and is"),
        (lambda m: m["versions"].update({"letf-lab": "2"}), 'the version of letf-lab was "1" and is "2"'),
    ],
)
def test_another_sweep_is_not_resumed_and_the_first_difference_named(begun, change, sentence):
    other = manifest()
    change(other)
    with pytest.raises(LetfError, match=sentence) as error:
        open_store(begun, other, True)
    assert "cannot be resumed, it holds another sweep" in str(error.value)


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    ours = tmp_path / "run"
    write_folder(ours, {"question": "run", "spec": {}, "versions": {"letf-lab": "0"}}, {})
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("dear")
    file = tmp_path / "file"
    file.write_text("dear")
    for folder in (ours, mine, file):
        for resume in (False, True):
            with pytest.raises(LetfError, match="exists and is not a sweep of letf"):
                open_store(folder, manifest(), resume)
    assert (mine / "thesis.txt").read_text() == "dear"


@pytest.mark.parametrize("left", [(), ("manifest.json.writing",)])
def test_a_folder_that_was_killed_before_its_manifest_was_there_is_begun_anew(tmp_path, left):
    (tmp_path / "s" / "parts").mkdir(parents=True)
    for name in left:
        (tmp_path / "s" / name).write_bytes(b"{")
    with open_store(tmp_path / "s", manifest(), False) as store:
        assert store.done(LENGTHS) == set()
    assert json.loads((tmp_path / "s" / "manifest.json").read_text()) == signed(manifest())


def test_a_run_does_not_overwrite_a_sweep(begun):
    for name in ("", "cells.parquet"):
        if name:
            (begun / name).write_bytes(b"")
        with pytest.raises(LetfError, match="exists and is not a result of letf"):
            write_folder(begun, {"question": "run"}, {})
    assert (begun / "parts").is_dir()


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
@pytest.mark.parametrize("ahead", [0, 1, 64])
def test_it_may_be_made_as_parts_come_in_any_order(tmp_path, monkeypatch, order, ahead):
    monkeypatch.setattr(merge, "ROW_GROUP", 3)
    monkeypatch.setattr(merge, "AHEAD", ahead)
    parts = [rows(0, 1), rows(2, 3, 4, 5, 6, 7, 8), rows(9), rows(10, 11)]
    with open_store(tmp_path / "s", manifest(), False) as store:
        with store.merging(4, SHAPE) as table:
            for chunk in order:
                store.put(chunk, parts[chunk])
                table.add(chunk, parts[chunk])
            assert not store.is_whole
        made = (tmp_path / "s" / "cells.parquet").read_bytes()
        store.merge(4, SHAPE)
    assert (tmp_path / "s" / "cells.parquet").read_bytes() == made
    assert pq.read_table(tmp_path / "s" / "cells.parquet")["cell"].to_pylist() == list(range(12))


def test_if_it_is_stopped_while_it_is_made_the_parts_stay(tmp_path):
    def stopped(store):
        with store.merging(2, SHAPE) as table:
            store.put(0, rows(0, 1))
            table.add(0, rows(0, 1))
            raise KeyboardInterrupt

    with open_store(tmp_path / "s", manifest(), False) as store:
        with pytest.raises(KeyboardInterrupt):
            stopped(store)
        assert not store.is_whole
        assert sorted(path.name for path in store.folder.iterdir()) == ["manifest.json", "parts"]
        assert store.done({0: 2, 1: 2}) == {0}


def test_two_sweeps_cannot_write_one_folder(tmp_path):
    held = pytest.raises(LetfError, match="is being written by another sweep")
    open_store(tmp_path / "s", manifest(), False).__exit__()
    for resume in (True, False):  # without --resume, too, it is not said to be unfinished
        with open_store(tmp_path / "s", manifest(), True), held:
            open_store(tmp_path / "s", manifest(), resume)
    open_store(tmp_path / "s", manifest(), True).__exit__()


def test_memory_is_that_of_a_row_group(tmp_path):
    """A thousand parts of 2,000 rows are merged without holding them all (16 MB as numbers)."""
    with open_store(tmp_path / "s", manifest(), False) as store:
        store.put(0, rows(*range(2000)))
        part = (tmp_path / "s" / "parts" / "000000.parquet").read_bytes()
        for chunk in range(1, 1000):
            (tmp_path / "s" / "parts" / f"{chunk:06d}.parquet").write_bytes(part)
        pool = pa.default_memory_pool()
        before, held = pool.bytes_allocated(), []
        original = pq.ParquetWriter.write_table

        def watched(self, table, *args, **kwargs):
            held.append(pool.bytes_allocated() - before)
            return original(self, table, *args, **kwargs)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pq.ParquetWriter, "write_table", watched)
            store.merge(1000, SHAPE)
    assert len(held) == int(np.ceil(2_000_000 / merge.ROW_GROUP))
    assert max(held) < 3_000_000
