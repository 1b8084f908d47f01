"""The page's address holds what a refresh or another reader needs, without filling the history.

`st.query_params` adds an entry to the browser's history at each change, so that Back would go
through every slider's move. Here the address is replaced in place. Streamlit does not see that: a
page that meets a server started anew is loaded again, so that its address is read.
"""

from __future__ import annotations

import secrets

import streamlit as st

_SERVER = secrets.token_hex(8)
_COMPONENT = st.components.v2.component(
    "nnviz_address",
    js="""\
export default ({ data }) => {
  const { pathname, search, hash } = window.location;
  if (pathname.split("/").pop() !== data.page) return;
  window.nnvizServer ??= data.server;
  if (window.nnvizServer !== data.server) return window.location.reload();
  const query = new URLSearchParams(search);
  for (const [name, value] of Object.entries(data.parameters)) query.set(name, value);
  const changed = query.size ? `?${query}` : "";
  if (changed !== search) {
    window.history.replaceState(window.history.state, "", pathname + changed + hash);
  }
};
""",
)


def show_address(page: str, **parameters: str) -> None:
    """Put these parameters into the address of this page; others stay."""
    key = f"nnviz.address.{'.'.join(parameters)}"
    _COMPONENT(key=key, data={"page": page, "parameters": parameters, "server": _SERVER})
