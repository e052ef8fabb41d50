"""The shop as it first shipped."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from kefu.shop.columns import JsonText, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLE_OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
}


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=True),
        sa.Column("member_level", sa.String(length=16), nullable=False),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("lock_reason", sa.String(length=255), nullable=True),
        sa.Column("locked_until", UtcDateTime(), nullable=True),
        sa.Column("registered_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("profile", "account_id", name=op.f("pk_accounts")),
        **TABLE_OPTIONS,
    )
    op.create_index(op.f("ix_accounts_profile_phone"), "accounts", ["profile", "phone"])
    op.create_table(
        "guest_checks",
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.Column("order_key", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("turn_id", sa.String(length=64), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("tries_left", sa.Integer(), nullable=False),
        sa.Column("blocked_until", UtcDateTime(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("profile", "order_key", "number", name=op.f("pk_guest_checks")),
        sa.UniqueConstraint(
            "profile",
            "order_key",
            "turn_id",
            name=op.f("uq_guest_checks_profile_order_key_turn_id"),
        ),
        **TABLE_OPTIONS,
    )
    op.create_index(op.f("ix_guest_checks_at"), "guest_checks", ["at"])
    op.create_table(
        "operations",
        sa.Column(
            "operation_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.Column("turn_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=160), nullable=False),
        sa.Column("arguments_hash", sa.String(length=64), nullable=False),
        sa.Column("result", JsonText(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("operation_id", name=op.f("pk_operations")),
        sa.UniqueConstraint(
            "turn_id", "name", "target", name=op.f("uq_operations_turn_id_name_target")
        ),
        **TABLE_OPTIONS,
    )
    op.create_table(
        "outbox",
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.Column("notice_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=True),
        sa.Column("order_number", sa.String(length=64), nullable=True),
        sa.Column("payload", JsonText(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("profile", "notice_id", name=op.f("pk_outbox")),
        **TABLE_OPTIONS,
    )
    op.create_index(op.f("ix_outbox_sent_at_created_at"), "outbox", ["sent_at", "created_at"])
    op.create_table(
        "sellers",
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.Column("seller_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("return_address", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("profile", "seller_id", name=op.f("pk_sellers")),
        **TABLE_OPTIONS,
    )
    op.create_table(
        "coupons",
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.Column("coupon_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("minimum", sa.Integer(), nullable=False),
        sa.Column("valid_from", UtcDateTime(), nullable=False),
        sa.Column("valid_until", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["profile", "account_id"],
            ["accounts.profile", "accounts.account_id"],
            name=op.f("fk_coupons_accounts"),
        ),
        sa.PrimaryKeyConstraint("profile", "coupon_id", name=op.f("pk_coupons")),
        **TABLE_OPTIONS,
    )
    op.create_index(op.f("ix_coupons_profile_account_id"), "coupons", ["profile", "account_id"])
    op.create_table(
        "orders",
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.Column("order_number", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("seller_id", sa.String(length=64), nullable=True),
        sa.Column("coupon_id", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("placed_at", UtcDateTime(), nullable=False),
        sa.Column("paid_at", UtcDateTime(), nullable=True),
        sa.Column("shipped_at", UtcDateTime(), nullable=True),
        sa.Column("signed_at", UtcDateTime(), nullable=True),
        sa.Column("cancelled_at", UtcDateTime(), nullable=True),
        sa.Column("promised_ship_at", UtcDateTime(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("freight", sa.Integer(), nullable=False),
        sa.Column("discount", sa.Integer(), nullable=False),
        sa.Column("recipient_name", sa.String(length=64), nullable=False),
        sa.Column("recipient_phone", sa.String(length=32), nullable=False),
        sa.Column("province", sa.String(length=32), nullable=False),
        sa.Column("city", sa.String(length=32), nullable=False),
        sa.Column("district", sa.String(length=32), nullable=False),
        sa.Column("street", sa.String(length=255), nullable=False),
        sa.Column("note", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["profile", "account_id"],
            ["accounts.profile", "accounts.account_id"],
            name=op.f("fk_orders_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["profile", "coupon_id"],
            ["coupons.profile", "coupons.coupon_id"],
            name=op.f("fk_orders_coupons"),
        ),
        sa.ForeignKeyConstraint(
            ["profile", "seller_id"],
            ["sellers.profile", "sellers.seller_id"],
            name=op.f("fk_orders_sellers"),
        ),
        sa.PrimaryKeyConstraint("profile", "order_number", name=op.f("pk_orders")),
        **TABLE_OPTIONS,
    )
    op.create_index(
        op.f("ix_orders_profile_account_id_placed_at"),
        "orders",
        ["profile", "account_id", "placed_at"],
    )
    op.create_index(op.f("ix_orders_profile_coupon_id"), "orders", ["profile", "coupon_id"])
    op.create_index(op.f("ix_orders_profile_seller_id"), "orders", ["profile", "seller_id"])
    op.create_table(
        "invoices",
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.Column("invoice_id", sa.String(length=64), nullable=False),
        sa.Column("order_number", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=128), nullable=False),
        sa.Column("tax_number", sa.String(length=32), nullable=True),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["profile", "order_number"],
            ["orders.profile", "orders.order_number"],
            name=op.f("fk_invoices_orders"),
        ),
        sa.PrimaryKeyConstraint("profile", "invoice_id", name=op.f("pk_invoices")),
        **TABLE_OPTIONS,
    )
    op.create_index(
        op.f("ix_invoices_profile_order_number"), "invoices", ["profile", "order_number"]
    )
    op.create_table(
        "order_items",
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("order_number", sa.String(length=64), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("variant", sa.String(length=64), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", sa.Integer(), nullable=False),
        sa.Column("seller_id", sa.String(length=64), nullable=True),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_order_items_quantity")),
        sa.ForeignKeyConstraint(
            ["profile", "order_number"],
            ["orders.profile", "orders.order_number"],
            name=op.f("fk_order_items_orders"),
        ),
        sa.ForeignKeyConstraint(
            ["profile", "seller_id"],
            ["sellers.profile", "sellers.seller_id"],
            name=op.f("fk_order_items_sellers"),
        ),
        sa.PrimaryKeyConstraint("profile", "item_id", name=op.f("pk_order_items")),
        **TABLE_OPTIONS,
    )
    op.create_index(
        op.f("ix_order_items_profile_order_number"), "order_items", ["profile", "order_number"]
    )
    op.create_index(
        op.f("ix_order_items_profile_seller_id"), "order_items", ["profile", "seller_id"]
    )
    op.create_table(
        "payments",
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.Column("payment_id", sa.String(length=64), nullable=False),
        sa.Column("order_number", sa.String(length=64), nullable=False),
        sa.Column("method", sa.String(length=32), nullable=False),
        sa.Column("bank", sa.String(length=32), nullable=True),
        sa.Column("card_tail", sa.String(length=4), nullable=True),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("failure_code", sa.String(length=64), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["profile", "order_number"],
            ["orders.profile", "orders.order_number"],
            name=op.f("fk_payments_orders"),
        ),
        sa.PrimaryKeyConstraint("profile", "payment_id", name=op.f("pk_payments")),
        **TABLE_OPTIONS,
    )
    op.create_index(
        op.f("ix_payments_profile_order_number"), "payments", ["profile", "order_number"]
    )
    op.create_table(
        "shipments",
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.Column("shipment_id", sa.String(length=64), nullable=False),
        sa.Column("order_number", sa.String(length=64), nullable=False),
        sa.Column("carrier_code", sa.String(length=32), nullable=False),
        sa.Column("carrier_name", sa.String(length=32), nullable=False),
        sa.Column("tracking_number", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("shipped_at", UtcDateTime(), nullable=False),
        sa.Column("expected_at", UtcDateTime(), nullable=True),
        sa.Column("signed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["profile", "order_number"],
            ["orders.profile", "orders.order_number"],
            name=op.f("fk_shipments_orders"),
        ),
        sa.PrimaryKeyConstraint("profile", "shipment_id", name=op.f("pk_shipments")),
        **TABLE_OPTIONS,
    )
    op.create_index(
        op.f("ix_shipments_profile_order_number"), "shipments", ["profile", "order_number"]
    )
    op.create_index(
        op.f("ix_shipments_profile_tracking_number"), "shipments", ["profile", "tracking_number"]
    )
    op.create_table(
        "logistics_events",
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.Column("shipment_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("text", sa.String(length=255), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["profile", "shipment_id"],
            ["shipments.profile", "shipments.shipment_id"],
            name=op.f("fk_logistics_events_shipments"),
        ),
        sa.PrimaryKeyConstraint(
            "profile", "shipment_id", "number", name=op.f("pk_logistics_events")
        ),
        **TABLE_OPTIONS,
    )
    op.create_table(
        "returns",
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.Column("rma_number", sa.String(length=64), nullable=False),
        sa.Column("order_number", sa.String(length=64), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("active_item_id", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("refund_amount", sa.Integer(), nullable=False),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("return_address", sa.String(length=255), nullable=True),
        sa.Column("tracking_number", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "(state IN ('rejected', 'closed') AND active_item_id IS NULL)"
            " OR (state NOT IN ('rejected', 'closed') AND active_item_id IS NOT NULL"
            " AND active_item_id = item_id)",
            name=op.f("ck_returns_active_item"),
        ),
        sa.ForeignKeyConstraint(
            ["profile", "item_id"],
            ["order_items.profile", "order_items.item_id"],
            name=op.f("fk_returns_order_items"),
        ),
        sa.ForeignKeyConstraint(
            ["profile", "order_number"],
            ["orders.profile", "orders.order_number"],
            name=op.f("fk_returns_orders"),
        ),
        sa.PrimaryKeyConstraint("profile", "rma_number", name=op.f("pk_returns")),
        sa.UniqueConstraint(
            "profile", "active_item_id", name=op.f("uq_returns_profile_active_item_id")
        ),
        **TABLE_OPTIONS,
    )
    op.create_index(op.f("ix_returns_profile_item_id"), "returns", ["profile", "item_id"])
    op.create_index(op.f("ix_returns_profile_order_number"), "returns", ["profile", "order_number"])
    op.create_table(
        "refunds",
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.Column("refund_id", sa.String(length=64), nullable=False),
        sa.Column("order_number", sa.String(length=64), nullable=False),
        sa.Column("rma_number", sa.String(length=64), nullable=True),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("expected_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["profile", "order_number"],
            ["orders.profile", "orders.order_number"],
            name=op.f("fk_refunds_orders"),
        ),
        sa.ForeignKeyConstraint(
            ["profile", "rma_number"],
            ["returns.profile", "returns.rma_number"],
            name=op.f("fk_refunds_returns"),
        ),
        sa.PrimaryKeyConstraint("profile", "refund_id", name=op.f("pk_refunds")),
        **TABLE_OPTIONS,
    )
    op.create_index(op.f("ix_refunds_profile_order_number"), "refunds", ["profile", "order_number"])
    op.create_index(op.f("ix_refunds_profile_rma_number"), "refunds", ["profile", "rma_number"])


def downgrade() -> None:
    op.drop_table("refunds")
    op.drop_table("returns")
    op.drop_table("logistics_events")
    op.drop_table("shipments")
    op.drop_table("payments")
    op.drop_table("order_items")
    op.drop_table("invoices")
    op.drop_table("orders")
    op.drop_table("coupons")
    op.drop_table("sellers")
    op.drop_table("outbox")
    op.drop_table("operations")
    op.drop_table("guest_checks")
    op.drop_table("accounts")
