"""The tables and columns behind the services: catalogue, urges, visits, members, price claims."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from kefu.shop.columns import JsonText, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLE_OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
}
# Every row that is there already was a plain return, uninsured; every coupon held for all goods.
ADDED: tuple[tuple[str, str, sa.types.TypeEngine[Any], Any], ...] = (
    ("coupons", "category", sa.String(length=32), ""),
    ("orders", "freight_insured", sa.Boolean(), sa.false()),
    ("returns", "kind", sa.String(length=24), "return"),
    ("returns", "freight_payer", sa.String(length=24), "shopper"),
    ("returns", "wanted_variant", sa.String(length=64), None),
    ("returns", "carrier_code", sa.String(length=32), None),
    ("invoices", "email", sa.String(length=255), None),
    ("outbox", "channel", sa.String(length=16), None),
)


def upgrade() -> None:
    for table, name, kind, default in ADDED:
        op.add_column(
            table, sa.Column(name, kind, server_default=default, nullable=default is None)
        )
    _create_catalogue()
    _create_order_services()
    _create_account_services()


def _create_catalogue() -> None:
    op.create_table(
        "products",
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("price", sa.Integer(), nullable=False),
        sa.Column("stock", sa.Integer(), nullable=False),
        sa.Column("specs", JsonText(), nullable=False),
        sa.Column("restock_at", UtcDateTime(), nullable=True),
        sa.Column("ships_from", sa.String(length=64), nullable=False),
        sa.Column("ships_within_hours", sa.Integer(), nullable=False),
        sa.Column("freight", sa.Integer(), nullable=False),
        sa.Column("free_freight_from", sa.Integer(), nullable=True),
        sa.Column("warranty_months", sa.Integer(), nullable=False),
        sa.Column("installable", sa.Boolean(), nullable=False),
        sa.Column("seller_id", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["profile", "seller_id"],
            ["sellers.profile", "sellers.seller_id"],
            name=op.f("fk_products_sellers"),
        ),
        sa.PrimaryKeyConstraint("profile", "sku", name=op.f("pk_products")),
        **TABLE_OPTIONS,
    )
    op.create_index(op.f("ix_products_profile_seller_id"), "products", ["profile", "seller_id"])


def _create_order_services() -> None:
    op.create_table(
        "urges",
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.Column("order_number", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["profile", "order_number"],
            ["orders.profile", "orders.order_number"],
            name=op.f("fk_urges_orders"),
        ),
        sa.PrimaryKeyConstraint("profile", "order_number", "day", name=op.f("pk_urges")),
        **TABLE_OPTIONS,
    )
    op.create_table(
        "installations",
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("booking_id", sa.String(length=64), nullable=False),
        sa.Column("order_number", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("part", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(
            ["profile", "order_number"],
            ["orders.profile", "orders.order_number"],
            name=op.f("fk_installations_orders"),
        ),
        sa.ForeignKeyConstraint(
            ["profile", "item_id"],
            ["order_items.profile", "order_items.item_id"],
            name=op.f("fk_installations_order_items"),
        ),
        sa.PrimaryKeyConstraint("profile", "item_id", name=op.f("pk_installations")),
        **TABLE_OPTIONS,
    )
    op.create_index(
        op.f("ix_installations_profile_order_number"), "installations", ["profile", "order_number"]
    )
    op.create_table(
        "price_claims",
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("refund_id", sa.String(length=64), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["profile", "item_id"],
            ["order_items.profile", "order_items.item_id"],
            name=op.f("fk_price_claims_order_items"),
        ),
        sa.PrimaryKeyConstraint("profile", "item_id", name=op.f("pk_price_claims")),
        **TABLE_OPTIONS,
    )


def _create_account_services() -> None:
    op.create_table(
        "memberships",
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("growth", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("renews_at", UtcDateTime(), nullable=True),
        sa.Column("auto_renew", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["profile", "account_id"],
            ["accounts.profile", "accounts.account_id"],
            name=op.f("fk_memberships_accounts"),
        ),
        sa.PrimaryKeyConstraint("profile", "account_id", name=op.f("pk_memberships")),
        **TABLE_OPTIONS,
    )
    op.create_table(
        "password_resets",
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["profile", "account_id"],
            ["accounts.profile", "accounts.account_id"],
            name=op.f("fk_password_resets_accounts"),
        ),
        sa.PrimaryKeyConstraint("profile", "token_hash", name=op.f("pk_password_resets")),
        **TABLE_OPTIONS,
    )
    op.create_index(
        op.f("ix_password_resets_profile_account_id"), "password_resets", ["profile", "account_id"]
    )


def downgrade() -> None:
    op.drop_table("password_resets")
    op.drop_table("memberships")
    op.drop_table("price_claims")
    op.drop_table("installations")
    op.drop_table("urges")
    op.drop_table("products")
    for table, name, _, _ in reversed(ADDED):
        op.drop_column(table, name)
