"""optuna's journal of a study, held by one process: the format of its `JournalFileBackend`, which reads it,
without a flush to the disk for every word."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from optuna.storages.journal import BaseJournalBackend


class Journal(BaseJournalBackend):  # type: ignore[misc,unused-ignore]
    """Lines of JSON in a file that this process alone writes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        self._logs: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines()]

    def read_logs(self, log_number_from: int) -> Iterable[dict[str, Any]]:
        return self._logs[log_number_from:]

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        lines = [json.dumps(log, separators=(",", ":")) for log in logs]
        with self._path.open("a", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in lines))
        self._logs += [json.loads(line) for line in lines]

    def flush(self) -> int:
        """Make what is written last; returns its length in bytes."""
        with self._path.open("rb") as file:
            os.fsync(file.fileno())
            return os.fstat(file.fileno()).st_size
