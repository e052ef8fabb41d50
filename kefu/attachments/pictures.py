"""A picture made anew from its pixels: what else the file held is left behind."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from struct import error as StructError

import pillow_heif
from PIL import Image, ImageOps

from kefu.attachments.errors import PictureBroken, PictureTooManyPixels, PictureTypeRefused

LARGEST_FILE = 10 * 1024 * 1024
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 2560
THUMBNAIL_SIDE = 480
QUALITY = 85
MEDIA_TYPE = "image/jpeg"

_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"})

# Pillow refuses at twice this before it takes memory; between the two it is refused here.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
pillow_heif.register_heif_opener(  # pyright: ignore[reportUnknownMemberType]
    thumbnails=False, depth_images=False, aux_images=False, decode_threads=1
)


@dataclass(frozen=True, slots=True)
class Picture:
    """Two JPEG files, and the pixels of the large one."""

    content: bytes
    thumbnail: bytes
    width: int
    height: int


def remake(data: bytes) -> Picture:
    """The picture in ``data`` upright, on white, at most ``LONGEST_SIDE`` pixels long.

    Of an animation the first frame. Raises ``PictureTypeRefused``, ``PictureTooManyPixels`` or
    ``PictureBroken``.
    """
    kind = kind_of(data)
    try:
        with Image.open(BytesIO(data), formats=[kind]) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise PictureTooManyPixels(f"{opened.width} × {opened.height}")
            large = _pixels(opened)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise PictureTooManyPixels(type(bomb).__name__) from bomb
    except PictureTooManyPixels:
        raise
    except Exception as error:
        # Decoders fail on broken files in every way there is.
        raise PictureBroken(f"{kind}: {type(error).__name__}") from error
    small = large.copy()
    _shrink(small, THUMBNAIL_SIDE)
    return Picture(_jpeg(large), _jpeg(small), large.width, large.height)


def kind_of(data: bytes) -> str:
    """Pillow's name of the format that the content begins with; raises ``PictureTypeRefused``."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS:
        return "HEIF"
    raise PictureTypeRefused("the content is no known picture")


def _pixels(opened: Image.Image) -> Image.Image:
    """The pixels in RGB. A new image: what hangs on the opened one must not be saved again."""
    # A JPEG can be decoded at a fraction of its size.
    opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    opened.load()
    image: Image.Image = opened
    if image.mode.startswith("I"):
        # 16 bits of grey, of which the upper ones are kept.
        image = image.point(lambda value: value / 256)  # pyright: ignore[reportUnknownMemberType]
    clear = image.has_transparency_data
    mode = "RGBA" if clear else "RGB"
    if image.mode != mode:
        image = image.convert(mode)
    # Before anything else: every copy of a large one is 200 MB.
    _shrink(image, LONGEST_SIDE)
    image = _upright(image)
    plain = Image.new("RGB", image.size, "white")
    plain.paste(image, mask=image if clear else None)
    return plain


def _upright(image: Image.Image) -> Image.Image:
    """Turned as its EXIF data says; data that nobody can read turn nothing."""
    try:
        return ImageOps.exif_transpose(image)
    except (ValueError, SyntaxError, TypeError, LookupError, StructError, OSError):
        return image


def _shrink(image: Image.Image, side: int) -> None:
    image.thumbnail((side, side), Image.Resampling.LANCZOS)


def _jpeg(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return file.getvalue()
