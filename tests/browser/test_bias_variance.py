"""From the Playground's button to a finished curve, as a reader sees it."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from nnviz.presets import PRESETS

SECONDS = 1000


def test_the_playgrounds_network_becomes_a_curve(page, app_url, wait_connected):
    page.goto(f"{app_url}/playground")
    wait_connected(page)
    page.get_by_role("combobox", name="Start from").click(timeout=60 * SECONDS)
    page.get_by_role("option", name="Fit a sine").click()
    main = page.locator("[data-testid=stMain]")
    expect(main).to_contain_text("sinusoid (30 training", timeout=60 * SECONDS)
    steps = page.get_by_role("spinbutton", name="Steps")
    expect(steps).to_have_value(str(PRESETS["sine"].spec.training.n_steps))
    wait_connected(page, at_rest=True)
    steps.fill("100")
    steps.press("Enter")
    wait_connected(page, at_rest=True)
    button = page.locator(".st-key-playground-bias_variance button").first
    button.click(timeout=60 * SECONDS)
    expect(page.get_by_role("heading", name="Why does a model miss?")).to_be_visible(
        timeout=60 * SECONDS
    )
    expect(page.get_by_text("100 steps) on sinusoid")).to_be_visible(timeout=60 * SECONDS)
    page.get_by_role("button", name="Measure").click()
    expect(page.get_by_text(re.compile("Lowest risk"))).to_be_visible(timeout=180 * SECONDS)
    expect(page.get_by_text("(16 replicates)")).to_be_visible(timeout=180 * SECONDS)
    for title in ("Bias, variance and risk", "The fits at hidden width", "Where the error is"):
        expect(page.get_by_text(title).first).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(3, timeout=60 * SECONDS)


def test_a_refresh_keeps_the_curve(page, app_url, wait_connected):
    page.goto(f"{app_url}/bias_variance")
    wait_connected(page)
    expect(page.get_by_text(re.compile("Lowest risk"))).to_be_visible(timeout=60 * SECONDS)
    expect(page.get_by_text("(64 replicates)")).to_be_visible(timeout=60 * SECONDS)
    page.wait_for_url("**sweep=**")
    sweep = page.url.partition("sweep=")[2]
    page.reload()
    expect(page.get_by_text("(64 replicates)")).to_be_visible(timeout=60 * SECONDS)
    assert page.url.partition("sweep=")[2] == sweep
