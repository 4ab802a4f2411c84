"""The reduction on Spark. One Spark is started for all tests of a process; the first use of it takes some seconds."""

from __future__ import annotations

import importlib.util
import os
import shutil

import pytest

_MISSING = [name for name in ("pyspark", "sqlglot") if importlib.util.find_spec(name) is None]
_JAVA = bool(os.environ.get("JAVA_HOME") or shutil.which("java"))

needs_sqlglot = pytest.mark.skipif(
    "sqlglot" in _MISSING, reason="sqlglot is not installed: make test-spark installs it"
)
needs_spark = [
    pytest.mark.skipif(bool(_MISSING), reason=f"not installed: {', '.join(_MISSING)} (make test-spark installs them)"),
    pytest.mark.skipif(not _JAVA, reason="there is no Java: apt-get install openjdk-17-jre-headless"),
    # Spark's own: sockets to the Java process that Python closes at exit.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
