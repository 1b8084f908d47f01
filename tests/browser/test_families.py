"""The Playground trains a network of each family live, and its own views move with it."""

import pytest

from nnviz.presets import PRESETS
from tests.browser.test_playground import opened, press, step
from tests.browser.waiting import wait_until

FAMILIES = {
    "memory": ("states", "step_gradients"),
    "reversal": ("attention", "feature_maps"),
    "solids": ("kernels", "feature_maps"),
}


def drawn(page, panel: str) -> bool:
    return page.evaluate(
        f"(document.querySelector('[data-panel={panel}] .nnviz-plot')?.data ?? [])"
        ".some(trace => (trace.z ?? trace.y ?? []).length > 0)"
    )


@pytest.mark.parametrize("name", FAMILIES)
def test_a_preset_of_each_family_trains_and_shows_its_inside(page, app_url, wait_connected, name):
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{app_url}/playground?code={PRESETS[name].spec.to_code()}")
    wait_connected(page)
    opened(page)
    press(page, "Train")
    wait_until(page, lambda: step(page) > 8)
    for panel in FAMILIES[name]:
        page.evaluate(f"document.querySelector('[data-panel={panel}]').scrollIntoView()")
        wait_until(page, lambda panel=panel: drawn(page, panel))
    assert not errors
