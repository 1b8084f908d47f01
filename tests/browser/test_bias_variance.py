"""Fits pile up under the reader's hand, and the Playground's network becomes a curve."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from nnviz.presets import PRESETS

SECONDS = 1000


def test_fits_come_one_at_a_time_and_the_degree_is_dragged(page, app_url, wait_connected):
    page.goto(f"{app_url}/bias_variance")
    wait_connected(page)
    sets = page.get_by_test_id("stMetric").filter(has_text="training sets")
    expect(sets).to_contain_text("12", timeout=60 * SECONDS)
    expect(page.locator(".js-plotly-plot")).to_have_count(2, timeout=60 * SECONDS)
    page.keyboard.press("n")
    expect(sets).to_contain_text("13", timeout=60 * SECONDS)
    grip = page.locator(".nnviz-grip").first
    grip.focus()
    grip.press("ArrowRight")
    expect(page.get_by_text("At degree 2: ")).to_be_visible(timeout=60 * SECONDS)
    expect(sets).to_contain_text("13")


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
    expect(page.get_by_text(re.compile("The risk is lowest at"))).to_be_visible(
        timeout=180 * SECONDS
    )
    replicates = page.get_by_test_id("stMetric").filter(has_text="replicates")
    expect(replicates).to_contain_text("16", timeout=180 * SECONDS)
    for title in ("Missed, by hidden width", "The fits at hidden width"):
        expect(page.get_by_text(title).first).to_be_visible()


def test_a_refresh_keeps_the_curve(page, app_url, wait_connected):
    page.goto(f"{app_url}/bias_variance")
    wait_connected(page)
    page.get_by_text("Other models", exact=True).click(timeout=60 * SECONDS)
    expect(page.get_by_text(re.compile("The risk is lowest at"))).to_be_visible(
        timeout=60 * SECONDS
    )
    page.wait_for_url("**lab=**")
    page.reload()
    replicates = page.get_by_test_id("stMetric").filter(has_text="replicates")
    expect(replicates).to_contain_text("64", timeout=60 * SECONDS)
