"""A folder that is the user's alone, or none."""

from pathlib import Path

import pytest

from letf_instruments import own_folder as module


def test_the_home_of_a_user_without_one_is_no_folder_of_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert not module._is_safe(Path("~/.cache/letf-lab/numba"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("trap", ["writable by all", "a link", "another user's"])
def test_a_folder_that_others_could_fill_is_not_trusted(tmp_path, monkeypatch, trap):
    folder = tmp_path / "cache"
    if trap == "a link":
        (tmp_path / "real").mkdir(mode=0o700)
        folder.symlink_to(tmp_path / "real")
    else:
        folder.mkdir(mode=0o700)
    assert module._is_safe(folder) == (trap != "a link")
    if trap == "writable by all":
        folder.chmod(0o777)
    elif trap == "another user's":
        monkeypatch.setattr(module.os, "getuid", lambda: folder.stat().st_uid + 1)
    assert not module._is_safe(folder)
