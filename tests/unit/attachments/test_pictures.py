"""Files that claim to be pictures: what is kept of them, and what is refused."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import pillow_heif
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from kefu.attachments.errors import PictureBroken, PictureTooManyPixels, PictureTypeRefused
from kefu.attachments.pictures import LONGEST_SIDE, MOST_PIXELS, THUMBNAIL_SIDE, kind_of, remake
from kefu.errors import KefuError

ORIENTATION, GPS = 0x0112, 0x8825
PLACE = {1: "N", 2: (30.0, 15.0, 7.0), 3: "E", 4: (120.0, 9.0, 41.0)}
RED, BLUE = (200, 20, 20), (20, 20, 200)


def halves(width: int = 80, height: int = 40) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    return image


def written(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def near(image: Image.Image, at: tuple[int, int], colour: tuple[int, int, int]) -> bool:
    pixel = image.getpixel(at)
    assert isinstance(pixel, tuple)
    return all(abs(a - b) < 40 for a, b in zip(pixel, colour, strict=True))


def exif(orientation: int | None = None) -> Image.Exif:
    data = Image.Exif()
    data[0x010F] = "SecretPhone"
    data.get_ifd(GPS).update(PLACE)
    if orientation:
        data[ORIENTATION] = orientation
    return data


def heic(image: Image.Image, **options: object) -> bytes:
    file = io.BytesIO()
    pillow_heif.from_pillow(image).save(file, quality=90, **options)
    return file.getvalue()


WRITERS: dict[str, Callable[[Image.Image], bytes]] = {
    "JPEG": lambda image: written(image, "JPEG"),
    "PNG": lambda image: written(image, "PNG"),
    "WEBP": lambda image: written(image, "WEBP"),
    "GIF": lambda image: written(image, "GIF"),
    "HEIF": heic,
}


@pytest.mark.parametrize("kind", WRITERS)
def test_every_kind_becomes_two_jpegs_of_the_same_pixels(kind: str) -> None:
    data = WRITERS[kind](halves())
    assert kind_of(data) == kind
    picture = remake(data)
    assert (picture.width, picture.height) == (80, 40)
    for content in (picture.content, picture.thumbnail):
        image = opened(content)
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (80, 40))
        assert near(image, (10, 20), RED)
        assert near(image, (70, 20), BLUE)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_where_it_was_taken_is_gone(kind: str) -> None:
    data = written(halves(), kind, exif=exif())
    assert b"SecretPhone" in data
    assert opened(data).getexif().get_ifd(GPS)[2] == PLACE[2]
    picture = remake(data)
    for content in (picture.content, picture.thumbnail):
        assert b"SecretPhone" not in content
        assert b"Exif" not in content
        assert dict(opened(content).getexif()) == {}


def test_where_a_heic_was_taken_is_gone() -> None:
    data = heic(halves(), exif=exif().tobytes())
    assert b"SecretPhone" in data
    assert b"SecretPhone" not in remake(data).content


def test_comments_profiles_and_what_follows_the_picture_are_gone() -> None:
    tail = b"PK\x03\x04<script>alert(1)</script>"
    jpeg = written(halves(), "JPEG", comment=b"Secret", icc_profile=b"Secret" * 9, xmp=b"Secret")
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", "Secret")
    for data in (jpeg + tail, written(halves(), "PNG", pnginfo=text) + tail):
        assert b"Secret" in data
        content = remake(data).content
        assert b"Secret" not in content
        assert b"script" not in content
        assert content.endswith(b"\xff\xd9")


@pytest.mark.parametrize(
    ("orientation", "red", "size"),
    [
        (1, (10, 20), (80, 40)),
        (2, (70, 20), (80, 40)),
        (3, (70, 20), (80, 40)),
        (6, (20, 10), (40, 80)),
        (8, (20, 70), (40, 80)),
    ],
)
def test_it_stands_upright(orientation: int, red: tuple[int, int], size: tuple[int, int]) -> None:
    picture = remake(written(halves(), "JPEG", exif=exif(orientation)))
    image = opened(picture.content)
    assert image.size == size == (picture.width, picture.height)
    assert near(image, red, RED)


# Pillow only warns of it.
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_exif_that_nobody_can_read_costs_nothing() -> None:
    data = written(halves(), "JPEG", exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff" + b"\x00" * 40)
    assert remake(data).width == 80


def test_a_large_one_is_made_smaller_and_a_small_one_is_not_made_larger() -> None:
    picture = remake(written(halves(4000, 1000), "JPEG"))
    assert (picture.width, picture.height) == (LONGEST_SIDE, 640)
    assert opened(picture.content).size == (LONGEST_SIDE, 640)
    assert opened(picture.thumbnail).size == (THUMBNAIL_SIDE, 120)
    assert opened(remake(written(halves(3, 1), "PNG")).thumbnail).size == (3, 1)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_clear_becomes_white(mode: str) -> None:
    image = Image.new("RGBA", (20, 20), (0, 0, 0, 0)).convert(mode)
    options: dict[str, object] = {"transparency": 0} if mode == "P" else {}
    assert near(opened(remake(written(image, "PNG", **options)).content), (9, 9), (255, 255, 255))


def test_sixteen_bits_of_grey_are_not_all_white() -> None:
    grey = Image.new("I;16", (20, 20), 0x8000)
    assert near(opened(remake(written(grey, "PNG")).content), (9, 9), (128, 128, 128))


def test_cmyk_is_shown_in_its_colours() -> None:
    image = halves().convert("CMYK")
    assert near(opened(remake(written(image, "JPEG")).content), (10, 20), RED)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_kept(kind: str) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in (RED, BLUE)]
    data = written(frames[0], kind, save_all=True, append_images=frames[1:])
    assert near(opened(remake(data).content), (9, 9), RED)


def png_of(width: int, height: int) -> bytes:
    """A PNG of one colour: a few kilobytes, however many pixels."""
    rows = zlib.compress((b"\x00" + b"\x00" * ((width + 7) // 8)) * height, 9)
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", rows), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


@pytest.mark.parametrize("side", [7100, 9000, 20_000])
def test_a_small_file_with_a_huge_picture_is_refused_before_it_is_decoded(side: int) -> None:
    assert side * side > MOST_PIXELS
    with pytest.raises(PictureTooManyPixels):
        remake(png_of(side, side))


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [7100, 20_000])
def test_it_is_refused_too_where_warnings_are_only_warnings(side: int) -> None:
    with pytest.raises(PictureTooManyPixels):
        remake(png_of(side, side))


def test_a_text_that_unpacks_to_more_than_it_weighs_is_refused() -> None:
    body = b"Comment\x00\x00" + zlib.compress(b"\x00" * 100_000_000, 9)
    bomb = struct.pack(">I", len(body)) + b"zTXt" + body
    bomb += struct.pack(">I", zlib.crc32(b"zTXt" + body))
    whole = written(halves(), "PNG")
    with pytest.raises(PictureBroken):
        remake(whole[:33] + bomb + whole[33:])


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_half_a_picture_is_refused(kind: str, share: float) -> None:
    data = WRITERS[kind](Image.effect_noise((200, 200), 90).convert("RGB"))
    with pytest.raises(PictureBroken):
        remake(data[: int(len(data) * share)])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b'<?xml version="1.0"?><svg/>',
        b"<!DOCTYPE html><html></html>",
        b"%PDF-1.7",
        b"PK\x03\x04",
        b"BM" + b"\x00" * 60,
        b"II*\x00" + b"\x00" * 60,
        b"RIFF\x00\x00\x00\x00AVI LIST",
        b"\x00\x00\x00\x20ftypisom",
        b"\x00\x00\x00\x20ftypavif",
        b" \x89PNG\r\n\x1a\n",
    ],
)
def test_what_is_no_picture_of_a_known_kind_is_refused_in_chinese(data: bytes) -> None:
    with pytest.raises(PictureTypeRefused) as refusal:
        remake(data)
    assert "JPG、PNG" in refusal.value.sentence


@pytest.mark.parametrize(
    "data",
    [
        b"GIF89a/*<svg onload=alert(1)>*/=1;alert(1)//",
        b"\x89PNG\r\n\x1a\n<script>alert(1)</script>",
        b"\xff\xd8\xff\xe0<?php system($_GET[0]); ?>",
        b"RIFF\x10\x00\x00\x00WEBPVP8 <html>",
        b"\x00\x00\x00\x18ftypheic<script>",
    ],
)
def test_a_script_behind_a_picture_s_first_bytes_is_refused(data: bytes) -> None:
    with pytest.raises(PictureBroken):
        remake(data)


def test_a_picture_that_is_a_script_too_is_a_picture_only() -> None:
    gif = written(Image.new("L", (9, 9)), "GIF", comment=b"*/=1;alert(document.domain)//")
    assert b"alert" in gif
    assert b"alert" not in remake(gif).content


@pytest.mark.filterwarnings("ignore::UserWarning")
@given(
    start=st.sampled_from(sorted(WRITERS)),
    at=st.floats(0, 1),
    bytes_=st.binary(min_size=1, max_size=40),
)
def test_whatever_is_written_over_a_picture_it_is_remade_or_refused(
    start: str, at: float, bytes_: bytes
) -> None:
    data = bytearray(WRITERS[start](halves()))
    place = int(at * len(data))
    data[place : place + len(bytes_)] = bytes_
    try:
        picture = remake(bytes(data))
    except KefuError:
        return
    assert opened(picture.content).format == "JPEG"
