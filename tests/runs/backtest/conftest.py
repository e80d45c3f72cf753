"""A folder with an index, an asset, volumes and events."""

import numpy as np
import pytest

from tests.runs.backtest.files import N, csv


@pytest.fixture
def folder(tmp_path):
    csv(tmp_path / "CHIPS.csv", volume=np.zeros(N))
    csv(tmp_path / "sub" / "NVDA.csv", seed=2)
    csv(tmp_path / "soxs-volume.csv", seed=3, volume=1_000.0 + np.arange(N))
    (tmp_path / "dates.csv").write_text("date,ticker\n2020-02-03,NVDA\n2020-03-02,AMD\n2030-01-01,AMD\n")
    return tmp_path
