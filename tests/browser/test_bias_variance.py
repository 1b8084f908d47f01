"""From the Playground's button to a finished curve, as a reader sees it."""

from __future__ import annotations

import re

from playwright.sync_api import expect

STREAMLITS_OWN = re.compile(r"404 \(Not Found\)")
SECONDS = 1000


def forgive(console_errors):
    """Streamlit asks for its health and settings under a deep link's own address first."""
    errors = console_errors[0]
    errors[:] = [error for error in errors if not STREAMLITS_OWN.search(error)]


def test_the_playgrounds_network_becomes_a_curve(page, app_url, wait_connected, console_errors):
    page.goto(f"{app_url}/playground")
    wait_connected(page)
    page.get_by_role("combobox", name="Start from").click(timeout=60 * SECONDS)
    page.get_by_role("option", name="Fit a sine").click()
    main = page.locator("[data-testid=stMain]")
    expect(main).to_contain_text("sinusoid (30 training", timeout=30 * SECONDS)
    page.wait_for_timeout(1 * SECONDS)
    steps = page.get_by_role("spinbutton", name="Steps")
    steps.fill("100")
    steps.press("Enter")
    page.wait_for_timeout(1 * SECONDS)
    button = page.get_by_role("button", name="Bias and variance").last
    button.click(timeout=30 * SECONDS)
    expect(page.get_by_role("heading", name="Why does a model miss?")).to_be_visible(
        timeout=30 * SECONDS
    )
    expect(page.get_by_text("100 steps) on sinusoid")).to_be_visible(timeout=30 * SECONDS)
    page.get_by_role("button", name="Measure").click()
    expect(page.get_by_text(re.compile("Lowest risk"))).to_be_visible(timeout=90 * SECONDS)
    expect(page.get_by_text("(16 replicates)")).to_be_visible(timeout=90 * SECONDS)
    for title in ("Bias, variance and risk", "The fits at hidden width", "Where the error is"):
        expect(page.get_by_text(title).first).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(3)
    forgive(console_errors)


def test_a_refresh_keeps_the_curve(page, app_url, wait_connected, console_errors):
    page.goto(f"{app_url}/bias_variance")
    wait_connected(page)
    expect(page.get_by_text(re.compile("Lowest risk"))).to_be_visible(timeout=60 * SECONDS)
    expect(page.get_by_text("(64 replicates)")).to_be_visible(timeout=60 * SECONDS)
    page.wait_for_url("**sweep=**")
    sweep = page.url.partition("sweep=")[2]
    page.reload()
    expect(page.get_by_text("(64 replicates)")).to_be_visible(timeout=30 * SECONDS)
    assert page.url.partition("sweep=")[2] == sweep
    forgive(console_errors)
