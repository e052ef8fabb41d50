"""Pictures: made, chosen, sent and waited for."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image
from playwright.sync_api import Locator, Page, expect


def photo(width: int = 3000, height: int = 1500, quality: int = 75) -> bytes:
    """A photograph that says where it was taken."""
    place = Image.Exif()
    place[0x010F] = "SecretPhone"
    file = io.BytesIO()
    Image.effect_noise((width, height), 60).convert("RGB").save(
        file, "JPEG", exif=place, quality=quality
    )
    return file.getvalue()


def choose_files(page: Page, *files: tuple[str, str, bytes]) -> None:
    chosen: list[Any] = [
        {"name": name, "mimeType": kind, "buffer": data} for name, kind, data in files
    ]
    page.locator("kefu-chat input[type=file]").first.set_input_files(chosen)


def choose_photos(page: Page, count: int = 1) -> None:
    choose_files(page, *[(f"{index}.jpg", "image/jpeg", photo(600, 300)) for index in range(count)])
    expect(chosen(page)).to_have_count(count)


def chosen(page: Page) -> Locator:
    return page.locator("kefu-chat .chosen .frame")


def send(page: Page) -> None:
    page.get_by_role("button", name="发送", exact=True).click()


def sent(page: Page) -> Locator:
    """The shopper's pictures that the server has."""
    return page.locator("kefu-chat .row.shopper button.picture img")


def loaded(picture: Locator) -> None:
    """Wait until the browser has the picture."""
    expect(picture).to_be_visible()
    handle = picture.element_handle()
    assert handle
    picture.page.wait_for_function("picture => picture.naturalWidth > 0", arg=handle)
