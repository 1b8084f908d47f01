"""Where the browser gets our scripts: copies in `static/` beside app.py, under versioned names.

Streamlit resends a component's inline script with each message and serves other files only from
`static/` (server.enableStaticServing). So the inline script is a short loader, and plotly.js, our
modules and styles are plain files that the browser keeps.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import plotly

ASSETS = Path(__file__).parent / "assets"
PLOTLY_JS = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
PLOTLY_NAME = f"plotly-{plotly.__version__}.min.js"
LONG_AGO = 946684800
"""1 January 2000. Streamlit sends no cache headers for these files, and browsers then keep a file
in proportion to its age; a name never changes its content, so it may be as old as it likes."""

LOADER = """\
const page = document.querySelector('script[type="module"][src*="/static/js/"]');
const base = page ? page.src.split("/static/js/")[0] + "/app/static/" : "/app/static/";
let module;
export default async (component) => {
  try {
    module ??= import(base + "FOLDER/MODULE.js");
    return (await module).default(component, base + "PLOTLY");
  } catch (error) {
    module = undefined;
    component.parentElement.textContent =
      "This part of the page could not be loaded from the server. Reload the page.";
    console.error(error);
  }
};
"""


@cache
def asset_folder() -> str:
    """Name of the folder of our scripts, which changes with their content."""
    digest = hashlib.sha256()
    for file in sorted(ASSETS.iterdir()):
        digest.update(file.name.encode())
        digest.update(file.read_bytes())
    return f"nnviz-{digest.hexdigest()[:12]}"


def loader(module: str) -> str:
    """Inline script that imports `assets/<module>.js` and hands the component over to it."""
    names = {"FOLDER": asset_folder(), "MODULE": module, "PLOTLY": PLOTLY_NAME}
    script = LOADER
    for placeholder, name in names.items():
        script = script.replace(placeholder, name)
    return script


def ensure_static_files(app_dir: Path) -> None:
    """Put plotly.js and our scripts into `<app_dir>/static` unless they are there already.

    Call it in app.py before anything is drawn; when all is in place it costs a few file lookups.
    """
    static = app_dir / "static"
    _copy_once(PLOTLY_JS, static / PLOTLY_NAME)
    for source in ASSETS.iterdir():
        _copy_once(source, static / asset_folder() / source.name)


def _copy_once(source: Path, target: Path) -> None:
    """Copy whole or not at all: another server process may be doing the same."""
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(dir=target.parent, prefix=".partial-")
    os.close(handle)
    shutil.copyfile(source, partial)
    os.chmod(partial, 0o644)
    os.utime(partial, (LONG_AGO, LONG_AGO))
    os.replace(partial, target)
