"""Each lab page in a real browser: it draws, it answers a control, and Back leaves it."""

import pytest

LABS = ("activations", "normalization", "initialization", "dropout", "losses")


@pytest.mark.parametrize("name", LABS)
def test_a_lab_draws_and_keeps_its_settings_in_the_address(page, app_url, name):
    page.goto(app_url)
    page.wait_for_selector("text=Start from a phenomenon", timeout=60_000)
    page.goto(f"{app_url}/{name}")
    page.wait_for_selector(".js-plotly-plot .main-svg", timeout=60_000)
    page.get_by_text("What to notice").wait_for(timeout=30_000)
    page.wait_for_function("window.location.search.includes('lab=')", timeout=30_000)
    before = page.url
    sidebar = page.locator("[data-testid=stSidebar]")
    slider = sidebar.locator("input[type=range]:visible")
    if slider.count():
        slider.first.press("ArrowRight")
    else:
        sidebar.locator("input[type=number]:visible").first.fill("5")
        page.keyboard.press("Enter")
    page.wait_for_function(f"window.location.href !== {before!r}", timeout=30_000)
    page.go_back()
    page.wait_for_selector("text=Start from a phenomenon", timeout=30_000)
