"""What can go wrong with a picture."""

from __future__ import annotations

from typing import ClassVar

from kefu.errors import KefuError


class PictureMissing(KefuError):
    """The request holds no file."""

    code: ClassVar[str] = "picture_missing"
    title: ClassVar[str] = "没有收到图片，请重新选择。"
    status: ClassVar[int] = 422


class PictureTypeRefused(KefuError):
    """The content is none of the known kinds of picture, whatever its name says."""

    code: ClassVar[str] = "picture_type_refused"
    title: ClassVar[str] = "只支持 JPG、PNG、WebP、GIF 和 HEIC 图片，请换一张。"
    status: ClassVar[int] = 415


class PictureBroken(KefuError):
    """It begins like a picture and cannot be read to its end."""

    code: ClassVar[str] = "picture_broken"
    title: ClassVar[str] = "这张图片打不开，可能没有传完整，请重新选择。"
    status: ClassVar[int] = 422


class PictureTooLarge(KefuError):
    """The file is over the limit."""

    code: ClassVar[str] = "picture_too_large"
    title: ClassVar[str] = "图片不能超过 10 MB，请压缩后再发。"
    status: ClassVar[int] = 413


class PictureTooManyPixels(KefuError):
    """The file may be small, the picture in it is not."""

    code: ClassVar[str] = "picture_too_many_pixels"
    title: ClassVar[str] = "这张图片的尺寸太大了，请缩小或截取一部分再发。"
    status: ClassVar[int] = 422


class UploadTooSlow(KefuError):
    """The file did not arrive in time."""

    code: ClassVar[str] = "upload_too_slow"
    title: ClassVar[str] = "图片上传超时，请检查网络后重试。"
    status: ClassVar[int] = 408


class AttachmentNotFound(KefuError):
    """No such picture, none of this conversation, or one that is removed by now."""

    code: ClassVar[str] = "attachment_not_found"
    title: ClassVar[str] = "没有找到这张图片，它可能已过保存期限。"
    status: ClassVar[int] = 404


class AttachmentSent(KefuError):
    """A picture goes with one message; another message needs another upload."""

    code: ClassVar[str] = "attachment_sent"
    title: ClassVar[str] = "这张图片已经发送过了。"
    status: ClassVar[int] = 409


class AddressRefused(KefuError):
    """The address of a picture was not signed here."""

    code: ClassVar[str] = "address_refused"
    title: ClassVar[str] = "图片链接无效。"
    status: ClassVar[int] = 403


class AddressExpired(KefuError):
    """The address of a picture was good for an hour."""

    code: ClassVar[str] = "address_expired"
    title: ClassVar[str] = "图片链接已过期，请刷新后再看。"
    status: ClassVar[int] = 410
