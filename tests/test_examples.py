"""The example runs as it stands, in a fresh interpreter without Streamlit, Plotly and Dask."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def run(*arguments):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, env=environment, check=True
    ).stdout


def test_the_lower_floors_stand_alone():
    shown = run(str(ROOT / "examples" / "without_streamlit.py"))
    assert "step  300  test loss" in shown
    assert "saved at step 50" in shown
    assert shown.strip().endswith("Streamlit loaded: False")


def test_importing_the_package_loads_nothing_of_the_upper_floors():
    loaded = run("-c", "import sys, nnviz; print(*sorted(sys.modules))").split()
    assert not {"streamlit", "plotly", "dask", "distributed", "sklearn"} & set(loaded)
