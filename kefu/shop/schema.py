"""The tables of the bundled shop. Every row carries ``profile`` and every key begins with it.

Personal data (names, phones, streets) is stored in full here and leaves only masked, through
``kefu.shop.mapping``. Money is in fen.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKeyConstraint,
    Index,
    MetaData,
    String,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from kefu.shop.changes import DayPart, InstallationState
from kefu.shop.columns import JsonText, UtcDateTime, words
from kefu.shop.model import (
    FreightPayer,
    OrderState,
    PaymentState,
    RefundState,
    ReturnKind,
    ReturnReason,
    ReturnState,
    ShipmentState,
)
from kefu.shop.money import InvoiceState

if TYPE_CHECKING:
    from kefu.shop.after_sale_tables import RefundRow, ReturnRow

KEY = String(64)
# On MySQL the usual collations hold "u0001" and "U0001" for the same account.
TABLE_OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
}


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        str: KEY,
        dict[str, object]: JsonText(),
        OrderState: words(OrderState),
        PaymentState: words(PaymentState),
        ShipmentState: words(ShipmentState),
        ReturnState: words(ReturnState),
        ReturnReason: words(ReturnReason),
        RefundState: words(RefundState),
        ReturnKind: words(ReturnKind),
        FreightPayer: words(FreightPayer),
        InvoiceState: words(InvoiceState),
        InstallationState: words(InstallationState),
        DayPart: words(DayPart),
    }

    profile: Mapped[str] = mapped_column(String(32), primary_key=True, sort_order=-2)


def belongs_to_order() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["profile", "order_number"], ["orders.profile", "orders.order_number"]
    )


class SellerRow(Base):
    __tablename__ = "sellers"
    __table_args__ = (TABLE_OPTIONS,)

    seller_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    phone: Mapped[str] = mapped_column(String(32))
    return_address: Mapped[str] = mapped_column(String(255))


class AccountRow(Base):
    __tablename__ = "accounts"
    __table_args__ = (Index(None, "profile", "phone"), TABLE_OPTIONS)

    account_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    phone: Mapped[str] = mapped_column(String(32))
    email: Mapped[str | None] = mapped_column(String(255))
    member_level: Mapped[str] = mapped_column(String(16))
    locked: Mapped[bool]
    lock_reason: Mapped[str | None] = mapped_column(String(255))
    locked_until: Mapped[datetime | None]
    registered_at: Mapped[datetime]


class CouponRow(Base):
    """A voucher in an account: ``amount`` off from ``minimum`` on."""

    __tablename__ = "coupons"
    __table_args__ = (
        ForeignKeyConstraint(
            ["profile", "account_id"], ["accounts.profile", "accounts.account_id"]
        ),
        Index(None, "profile", "account_id"),
        TABLE_OPTIONS,
    )

    coupon_id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str]
    name: Mapped[str]
    amount: Mapped[int]
    minimum: Mapped[int]
    category: Mapped[str] = mapped_column(String(32), server_default="")
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime]
    used_at: Mapped[datetime | None]


class OrderRow(Base):
    __tablename__ = "orders"
    __table_args__ = (
        ForeignKeyConstraint(
            ["profile", "account_id"], ["accounts.profile", "accounts.account_id"]
        ),
        ForeignKeyConstraint(["profile", "seller_id"], ["sellers.profile", "sellers.seller_id"]),
        ForeignKeyConstraint(["profile", "coupon_id"], ["coupons.profile", "coupons.coupon_id"]),
        Index(None, "profile", "account_id", "placed_at"),
        Index(None, "profile", "seller_id"),
        Index(None, "profile", "coupon_id"),
        TABLE_OPTIONS,
    )

    order_number: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str]
    seller_id: Mapped[str | None]
    coupon_id: Mapped[str | None]
    state: Mapped[OrderState]
    placed_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    shipped_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    promised_ship_at: Mapped[datetime | None]
    total: Mapped[int]
    freight: Mapped[int]
    freight_insured: Mapped[bool] = mapped_column(server_default=false())
    discount: Mapped[int]
    recipient_name: Mapped[str]
    recipient_phone: Mapped[str] = mapped_column(String(32))
    province: Mapped[str] = mapped_column(String(32))
    city: Mapped[str] = mapped_column(String(32))
    district: Mapped[str] = mapped_column(String(32))
    street: Mapped[str] = mapped_column(String(255))
    note: Mapped[str] = mapped_column(String(255))

    items: Mapped[list[ItemRow]] = relationship(viewonly=True, order_by="ItemRow.item_id")
    payments: Mapped[list[PaymentRow]] = relationship(
        viewonly=True, order_by="(PaymentRow.created_at.desc(), PaymentRow.payment_id)"
    )
    shipments: Mapped[list[ShipmentRow]] = relationship(
        viewonly=True, order_by="(ShipmentRow.shipped_at.desc(), ShipmentRow.shipment_id)"
    )
    returns: Mapped[list[ReturnRow]] = relationship(
        viewonly=True, order_by="(ReturnRow.requested_at.desc(), ReturnRow.rma_number)"
    )
    refunds: Mapped[list[RefundRow]] = relationship(
        viewonly=True, order_by="(RefundRow.requested_at.desc(), RefundRow.refund_id)"
    )
    urges: Mapped[list[UrgeRow]] = relationship(viewonly=True, order_by="UrgeRow.day.desc()")


class UrgeRow(Base):
    """The key allows one reminder for each order and Beijing day."""

    __tablename__ = "urges"
    __table_args__ = (belongs_to_order(), TABLE_OPTIONS)

    order_number: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    at: Mapped[datetime]


class ItemRow(Base):
    __tablename__ = "order_items"
    __table_args__ = (
        belongs_to_order(),
        ForeignKeyConstraint(["profile", "seller_id"], ["sellers.profile", "sellers.seller_id"]),
        Index(None, "profile", "order_number"),
        Index(None, "profile", "seller_id"),
        CheckConstraint("quantity > 0", name="quantity"),
        TABLE_OPTIONS,
    )

    item_id: Mapped[str] = mapped_column(primary_key=True)
    order_number: Mapped[str]
    sku: Mapped[str]
    name: Mapped[str] = mapped_column(String(128))
    variant: Mapped[str]
    category: Mapped[str] = mapped_column(String(32))
    quantity: Mapped[int]
    unit_price: Mapped[int]
    seller_id: Mapped[str | None]

    seller: Mapped[SellerRow | None] = relationship(viewonly=True)


class PaymentRow(Base):
    __tablename__ = "payments"
    __table_args__ = (
        belongs_to_order(),
        Index(None, "profile", "order_number"),
        TABLE_OPTIONS,
    )

    payment_id: Mapped[str] = mapped_column(primary_key=True)
    order_number: Mapped[str]
    method: Mapped[str] = mapped_column(String(32))
    bank: Mapped[str | None] = mapped_column(String(32))
    card_tail: Mapped[str | None] = mapped_column(String(4))
    amount: Mapped[int]
    state: Mapped[PaymentState]
    failure_code: Mapped[str | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class ShipmentRow(Base):
    __tablename__ = "shipments"
    __table_args__ = (
        belongs_to_order(),
        Index(None, "profile", "order_number"),
        Index(None, "profile", "tracking_number"),
        TABLE_OPTIONS,
    )

    shipment_id: Mapped[str] = mapped_column(primary_key=True)
    order_number: Mapped[str]
    carrier_code: Mapped[str] = mapped_column(String(32))
    carrier_name: Mapped[str] = mapped_column(String(32))
    tracking_number: Mapped[str]
    state: Mapped[ShipmentState]
    shipped_at: Mapped[datetime]
    expected_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]

    events: Mapped[list[EventRow]] = relationship(
        viewonly=True, order_by="(EventRow.at.desc(), EventRow.number.desc())"
    )


class EventRow(Base):
    __tablename__ = "logistics_events"
    __table_args__ = (
        ForeignKeyConstraint(
            ["profile", "shipment_id"], ["shipments.profile", "shipments.shipment_id"]
        ),
        TABLE_OPTIONS,
    )

    shipment_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    text: Mapped[str] = mapped_column(String(255))
    place: Mapped[str | None]
