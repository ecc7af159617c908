"""The log's files. What `write` wrote is on the disk, whole, when it returns."""

import os
import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_DRAFT = ".draft"
FEW, SYNCS_AT_ONCE = 4, 8


@dataclass(frozen=True)
class Folder:
    path: Path

    def read(self, name: str) -> bytes | None:
        try:
            return (self.path / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def write(self, files: Mapping[str, bytes]) -> None:
        """Each file appears whole or not at all; drafts of all go out before the first appears."""
        targets = {self.path / name: data for name, data in files.items()}
        folders = {target.parent for target in targets}
        for folder in sorted(folders):
            self._make(folder)
        drafts = {target: target.with_name(target.name + _DRAFT) for target in targets}
        for target, data in targets.items():
            drafts[target].write_bytes(data)
        _sync_all(list(drafts.values()))
        for target, draft in drafts.items():
            draft.replace(target)
        _sync_all(list(folders))

    def write_rows(self, name: str, first: int, rows: bytes, width: int) -> None:
        """Put rows of fixed width at their place; again after a crash they are the same."""
        target = self.path / name
        self._make(target.parent)
        handle = os.open(target, os.O_WRONLY | os.O_CREAT, 0o644)
        try:
            os.pwrite(handle, rows, first * width)
            os.fdatasync(handle)
        finally:
            os.close(handle)

    def remove(self, name: str) -> None:
        (self.path / name).unlink(missing_ok=True)

    def remove_folder(self, name: str) -> None:
        with suppress(FileNotFoundError):
            shutil.rmtree(self.path / name)

    def _make(self, folder: Path) -> None:
        missing = []
        while not folder.exists():
            missing.append(folder)
            folder = folder.parent
        for made in reversed(missing):
            made.mkdir(exist_ok=True)
            _sync(made.parent)


def _sync_all(paths: Sequence[Path]) -> None:
    """Together: the file system puts many into one of its own commits."""
    if len(paths) < FEW:
        for path in paths:
            _sync(path)
        return
    with ThreadPoolExecutor(SYNCS_AT_ONCE) as pool:
        list(pool.map(_sync, paths))


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
