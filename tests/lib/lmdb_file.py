# SPDX-License-Identifier: Apache-2.0
"""Changes a row of a store that no program has open, through liblmdb itself."""

import ctypes
import ctypes.util
from pathlib import Path

TABLES = 32


class _Value(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("data", ctypes.c_char_p)]


class _ValueOut(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("data", ctypes.c_void_p)]


def _ok(rc: int) -> None:
    assert rc == 0, f"liblmdb: {rc}"


def change(folder: Path, table: str, key: bytes, made_from) -> None:
    """The row becomes made_from(row); it must be there."""
    lib = ctypes.CDLL(ctypes.util.find_library("lmdb") or "liblmdb.so.0")
    env, txn, dbi = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_uint()
    _ok(lib.mdb_env_create(ctypes.byref(env)))
    try:
        _ok(lib.mdb_env_set_maxdbs(env, ctypes.c_uint(TABLES)))
        _ok(lib.mdb_env_open(env, str(folder).encode(), ctypes.c_uint(0), ctypes.c_uint(0o600)))
        _ok(lib.mdb_txn_begin(env, None, ctypes.c_uint(0), ctypes.byref(txn)))
        _ok(lib.mdb_dbi_open(txn, table.encode(), ctypes.c_uint(0), ctypes.byref(dbi)))
        found, name = _ValueOut(), _Value(len(key), key)
        _ok(lib.mdb_get(txn, dbi, ctypes.byref(name), ctypes.byref(found)))
        row = made_from(ctypes.string_at(found.data, found.size))
        _ok(lib.mdb_put(txn, dbi, ctypes.byref(name), ctypes.byref(_Value(len(row), row)),
                        ctypes.c_uint(0)))
        _ok(lib.mdb_txn_commit(txn))
    finally:
        lib.mdb_env_close(env)
