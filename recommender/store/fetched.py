"""A dataset on another file system, copied to this machine for the engine that works here.

The reduction reads the flows some twenty times, a column or two each time; over a network the files are read once.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.fs as pa_fs

from recommender.errors import StoreError
from recommender.model.flow_schema import TABLES
from recommender.store.dataset_record import MANIFEST, DatasetRecord

if TYPE_CHECKING:
    from pathlib import Path

_PYARROW_SCHEMES: Final = {"s3a": "s3", "s3n": "s3"}
"""Hadoop's names of a scheme, and pyarrow's."""
_CHUNK: Final = 1 << 20


def fetched_dataset(uri: str, folder: Path) -> Path:
    """Copy the dataset's files into the folder, which must not exist; gives the dataset's path there.

    Raises:
        StoreError: nobody knows the scheme, or what lies there cannot be read, or is no dataset.
    """
    files, place = _file_system(uri)
    try:
        if files.get_file_info(place).type is pa_fs.FileType.File:
            folder.mkdir(parents=True)
            _copy(files, place, folder / "flows.parquet")
            return folder / "flows.parquet"
        with files.open_input_stream(f"{place}/{MANIFEST}") as stream:
            text = stream.read()
        record = DatasetRecord.from_json(text, where=uri)
        for table in TABLES:
            (folder / table).mkdir(parents=True)
        for part in record.parts:
            _copy(files, f"{place}/{part.table}/{part.file}", folder / part.table / part.file)
        (folder / MANIFEST).write_bytes(text)
    except (OSError, pa.ArrowException) as error:
        raise StoreError(
            f"the dataset cannot be read: {error}",
            where=uri,
            hint="check the address and the credentials in the environment, and the room in --spill-directory",
        ) from error
    return folder


def _file_system(uri: str) -> tuple[pa_fs.FileSystem, str]:
    """The file system of the URI and the path there: pyarrow's own, else one that fsspec knows."""
    scheme, _, rest = uri.partition("://")
    named = f"{_PYARROW_SCHEMES.get(scheme, scheme)}://{rest}".rstrip("/")
    try:
        files, place = pa_fs.FileSystem.from_uri(named)
    except pa.ArrowInvalid:
        return _by_fsspec(uri, scheme)
    except (OSError, pa.ArrowException) as error:
        raise StoreError(f"no connection to the file system: {error}", where=uri) from error
    return files, place


def _by_fsspec(uri: str, scheme: str) -> tuple[pa_fs.FileSystem, str]:
    hint = f"pip install fsspec and its package for {scheme}://, or a copy on this machine"
    if importlib.util.find_spec("fsspec") is None:
        raise StoreError(f"pyarrow knows no file system `{scheme}`", where=uri, hint=hint)
    import fsspec  # noqa: PLC0415 - of the extra `remote`

    try:
        files, place = fsspec.core.url_to_fs(uri.rstrip("/"))
    except (ValueError, ImportError, OSError) as error:
        raise StoreError(f"no file system `{scheme}`: {error}", where=uri, hint=hint) from error
    return pa_fs.PyFileSystem(pa_fs.FSSpecHandler(files)), place


def _copy(files: pa_fs.FileSystem, place: str, target: Path) -> None:
    with files.open_input_stream(place) as source, target.open("wb") as copy:
        while block := source.read(_CHUNK):
            copy.write(block)
