"""The page of layers in a real browser: turned by hand, and typed."""

from tests.browser.waiting import wait_until


def test_a_layer_is_turned_and_a_stack_is_typed(page, app_url):
    page.goto(f"{app_url}/layers")
    picture = page.locator(".nnviz-layers")
    picture.get_by_text("(32, 16, 14, 14)").wait_for(timeout=60_000)
    page.get_by_label("padding, one more").press("Enter")
    picture.get_by_text("(32, 16, 15, 15)").wait_for(timeout=30_000)
    wait_until(page, lambda: page.get_by_label("Layer", exact=True).first.input_value() != "")
    assert page.evaluate("document.activeElement.dataset.key") == "padding, one more"
    page.get_by_label("axis 1, one less").click()
    picture.get_by_text("does not fit").wait_for(timeout=30_000)
    page.get_by_role("radio", name="A stack of layers").click()
    text = page.locator(".nnviz-stack textarea")
    text.wait_for(timeout=30_000)
    text.fill("nn.Flatten(),\nnn.Linear(784, 10)")
    page.get_by_text("→ (32, 10)", exact=True).wait_for(timeout=30_000)
    page.get_by_text("All fits: (32, 1, 28, 28) → (32, 10), 7,850 parameters").wait_for()
    text.fill("nn.Flatten(),\nnn.Linear(7, 10)")
    page.get_by_text("Line 2: nn.Linear needs 7 numbers").wait_for(timeout=30_000)
    assert text.input_value() == "nn.Flatten(),\nnn.Linear(7, 10)"
