import subprocess
import sys

import pyarrow as pa

from recommender.ingest.lean_arrow import leave_pandas_out

_LIST_TO_ARROW = "import sys, pyarrow as pa; {first}; pa.array([1, 2]); print('pandas' in sys.modules)"
_LEAVE_OUT = "from recommender.ingest.lean_arrow import leave_pandas_out; leave_pandas_out()"


def run(first):
    """What a fresh process says of pandas after it made an array of a list."""
    code = _LIST_TO_ARROW.format(first=first)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_a_process_that_leaves_pandas_out_never_imports_it():
    assert run("pass") == "True", "pyarrow does no longer import pandas: lean_arrow can go"
    assert run(_LEAVE_OUT) == "False"
    assert run(f"import recommender.ingest; {_LEAVE_OUT}") == "False", "importing our own room has brought it in"


def test_where_pandas_is_there_it_stays():
    import pandas as pd  # noqa: PLC0415 - what is there before the call is what this is about

    leave_pandas_out()
    assert pa.table({"a": [1]}).to_pandas().equals(pd.DataFrame({"a": [1]}))
