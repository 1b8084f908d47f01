"""The convolution page in a browser: the window is moved by keys, the kernel set by a click."""


def test_a_click_on_the_kernel_is_answered_by_torch(page, app_url):
    page.goto(f"{app_url}/convolution")
    page.wait_for_selector(".glide-cell", timeout=60_000)
    place = page.locator(".glide-bar span").first
    page.locator(".glide svg").first.focus()
    page.keyboard.press("Home")
    assert place.inner_text() == "1 of 36"
    page.keyboard.press("ArrowDown")
    assert place.inner_text() == "7 of 36"
    assert page.locator(".glide-sum strong").inner_text() == "16"
    middle = page.locator(".glide-cell").nth(4)
    middle.focus()
    page.keyboard.press("ArrowUp")
    page.wait_for_function("window.location.search.includes('lab=')", timeout=30_000)
    page.wait_for_selector(".glide-sum strong", timeout=30_000)
    assert place.inner_text() == "7 of 36"
    held = "document.activeElement.getAttribute('aria-valuenow') === "
    page.wait_for_function(f"{held} '0.5'", timeout=30_000)
    page.keyboard.press("ArrowUp")
    page.wait_for_function(f"{held} '1'", timeout=30_000)
