"""The sequences page in a browser: the gradient plays, squares are taken apart, a line is drawn."""

from playwright.sync_api import expect


def test_the_reader_plays_clicks_and_drags(page, app_url):
    page.goto(f"{app_url}/sequences")
    scene = page.locator(".nnviz-scene")
    expect(scene).to_contain_text("after 0 of 240 updates", timeout=60_000)
    scene.get_by_role("slider").press("End")
    expect(scene).to_contain_text("after 240 of 240 updates")

    page.get_by_text("Inside one step", exact=True).click()
    maps = page.get_by_role("img", name="Gates and states over time")
    expect(maps).to_be_visible(timeout=60_000)
    told = scene.locator("[aria-live]")
    maps.locator("rect").filter(has_text="forget gate f, unit 2, step 5").click()
    expect(told).to_contain_text("forget gate f, unit 2, step 5")
    scene.press("ArrowRight")
    scene.press("ArrowDown")
    expect(told).to_contain_text("forget gate f, unit 3, step 6")

    page.get_by_text("What fades, what bursts", exact=True).click()
    gain = scene.get_by_role("slider", name="Gain g")
    expect(gain).to_have_attribute("aria-valuenow", "1.15", timeout=60_000)
    box = gain.locator("circle").last.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 120, steps=5)
    page.mouse.up()
    expect(scene).to_contain_text("measured 0.0")
    expect(page.get_by_text("the gradient fades")).to_be_visible()
