"""Where compiled functions are kept, where numba's own places cannot be written."""

import os
import stat
import warnings
from pathlib import Path

import numba
import pytest
from numba.core import caching

from letf_instruments import compiled as module
from letf_instruments import own_folder
from letf_instruments.compiled import compiled


def twice(x):
    return 2 * x


@pytest.fixture(autouse=True)
def asked_anew():
    own_folder.own_folder.cache_clear()
    module._folder.cache_clear()
    yield
    own_folder.own_folder.cache_clear()
    module._folder.cache_clear()


@pytest.fixture
def no_place(monkeypatch):
    """numba finds neither the source's folder nor the home's writable; root could write both."""
    for locator in (caching.InTreeCacheLocator, caching.UserWideCacheLocator):
        monkeypatch.setattr(locator, "from_function", classmethod(lambda cls, py_func, py_file: None))


def kept_in(function):
    return Path(function._cache.cache_path)


def test_numba_s_own_place_is_taken_where_it_has_one():
    own = numba.njit(cache=True)(twice)
    assert kept_in(compiled()(twice)) == kept_in(own)


def test_a_folder_that_is_asked_for_is_taken(tmp_path, monkeypatch, no_place):
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    assert kept_in(compiled()(twice)).parent == tmp_path


def test_without_one_the_user_s_cache_folder_is_taken(tmp_path, monkeypatch, no_place):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    before = numba.config.CACHE_DIR
    function = compiled()(twice)
    assert kept_in(function).parent == tmp_path / "letf-lab" / "numba"
    assert function(3) == 6
    assert list(kept_in(function).glob("*.nbi"))
    assert before == numba.config.CACHE_DIR  # other people's functions are cached where they were


def test_without_a_home_a_folder_of_one_s_own_among_the_temporary_files_is(tmp_path, monkeypatch, no_place):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file" / "below"))
    monkeypatch.setattr(own_folder.tempfile, "gettempdir", lambda: str(tmp_path))
    folder = kept_in(compiled()(twice)).parent
    assert folder == tmp_path / f"letf-lab-numba-{os.getuid()}"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_without_any_folder_it_runs_uncached_and_says_so_once(monkeypatch, no_place):
    def none_can_be_written():
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setenv("XDG_CACHE_HOME", os.devnull)
    monkeypatch.setattr(own_folder.tempfile, "gettempdir", none_can_be_written)
    with pytest.warns(UserWarning, match="compiled anew in each process; set NUMBA_CACHE_DIR"):
        function = compiled(nogil=True)(twice)
    assert function(3) == 6
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert compiled()(twice)(4) == 8


def test_another_error_of_numba_is_not_hidden(monkeypatch):
    def fails(**options):
        raise RuntimeError("something else")

    monkeypatch.setattr(numba, "njit", fails)
    with pytest.raises(RuntimeError, match="something else"):
        compiled()(twice)
