"""The folder face: whole or not at all, and nothing of anybody else's is touched."""

import json
from pathlib import Path

import pytest

from letf_instruments import LetfError
from runs.answers.folder import write_folder


def write(folder, files, question="run"):
    times = {"started": "2026-01-02T03:04:05+00:00"}
    return write_folder(folder, {"question": question, "versions": {"letf-lab": "0"}, "times": times}, files)


def test_the_manifest_names_the_folder_s_own_files(tmp_path):
    write(tmp_path / "r", {"a.csv": b"1", "b.png": b"2"})
    manifest = json.loads((tmp_path / "r" / "manifest.json").read_text())
    assert set(manifest["files"]) == {p.name for p in (tmp_path / "r").iterdir()}


def test_what_is_replaced_is_said(tmp_path):
    assert write(tmp_path / "r", {}).replaced is None
    assert "the result of 2026-01-02 03:04 UTC" in write(tmp_path / "r", {}).replaced


def test_the_answer_to_another_question_is_left_alone(tmp_path):
    write(tmp_path / "r", {"cells.parquet": b"1"}, "sweep")
    with pytest.raises(LetfError, match="holds the result of letf sweep, not of letf run"):
        write(tmp_path / "r", {})
    assert (tmp_path / "r" / "cells.parquet").read_bytes() == b"1"


def test_a_result_is_replaced_as_a_whole(tmp_path):
    write(tmp_path / "r", {"trades.csv": b"1"})
    write(tmp_path / "r", {"decay.csv": b"2"})
    assert {p.name for p in (tmp_path / "r").iterdir()} == {"manifest.json", "decay.csv"}
    assert [p.name for p in tmp_path.iterdir()] == ["r"]


def test_a_write_that_fails_leaves_the_old_result_and_no_litter(tmp_path):
    write(tmp_path / "r", {"trades.csv": b"1"})
    with pytest.raises(LetfError, match="cannot write to"):
        write(tmp_path / "r", {"no/such/folder.csv": b"2"})
    assert {p.name for p in (tmp_path / "r").iterdir()} == {"manifest.json", "trades.csv"}
    assert [p.name for p in tmp_path.iterdir()] == ["r"]


@pytest.mark.parametrize("manifest", ['{"name": "my extension"}', "not json", "[]"])
def test_another_program_s_manifest_does_not_make_a_folder_ours(tmp_path, manifest):
    (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(LetfError, match="is not a result of letf"):
        write(tmp_path, {})
    assert (tmp_path / "manifest.json").read_text() == manifest


def test_a_result_with_a_file_of_yours_in_it_is_left_alone(tmp_path):
    write(tmp_path / "r", {})
    (tmp_path / "r" / "notes.txt").write_text("mine")
    with pytest.raises(LetfError, match="is not a result of letf"):
        write(tmp_path / "r", {})
    assert (tmp_path / "r" / "notes.txt").read_text() == "mine"


def test_a_result_can_be_replaced_from_inside_it(tmp_path, monkeypatch):
    write(tmp_path / "r", {"trades.csv": b"1"})
    monkeypatch.chdir(tmp_path / "r")
    write(Path("../r"), {"decay.csv": b"2"})
    assert {p.name for p in (tmp_path / "r").iterdir()} == {"manifest.json", "decay.csv"}
    assert [p.name for p in tmp_path.iterdir()] == ["r"]
