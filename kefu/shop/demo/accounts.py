"""What hangs on the accounts of a demo shop, and what stands on its shelves."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from kefu.shop.demo import people
from kefu.shop.demo.book import FREE_FREIGHT_FROM, FREIGHT, OrderBook, Row
from kefu.shop.demo.cases import DAY, DemoShop, coupon, invoice
from kefu.shop.model import OrderState
from kefu.shop.policy import ShopPolicy

_TOP_GROWTH = 60_000


def add_account(book: OrderBook, shop: DemoShop, number: int) -> Row:
    """One account: the cases first, the others with any name."""
    random = book.random
    name = random.choice(people.FAMILY_NAMES) + random.choice(people.GIVEN_NAMES)
    case = shop.cases[number - 1] if number <= len(shop.cases) else None
    locked = case.locked if case else random.random() < 0.02
    prefix = random.choice(("138", "139", "150", "158", "177", "186", "199"))
    account_id = shop.account_id(number)
    return book.add(
        "accounts",
        account_id=account_id,
        name=case.name if case else name,
        phone=f"{prefix}{random.randrange(10**8):08d}",
        # A locked account is unlocked by a code that it can receive.
        email=f"{account_id}@example.com" if random.random() < 0.6 or locked else None,
        member_level=random.choice(("普通会员", "普通会员", "银卡会员", "金卡会员", "钻石会员")),
        locked=locked,
        lock_reason="连续多次输错登录密码，系统已临时保护您的账号" if locked else None,
        locked_until=book.now + timedelta(hours=20) if locked else None,
        registered_at=book.now - timedelta(days=random.randrange(200, 1800)),
    )


def add_coupons(book: OrderBook, accounts: list[Row]) -> None:
    """A coupon for every other account that has none."""
    served = {row["account_id"] for row in book.rows["coupons"]}
    for account in accounts:
        if account["account_id"] not in served and book.random.random() < 0.5:
            worth = book.random.choice(((500, 4900), (2000, 19900), (5000, 39900)))
            start = book.now - timedelta(days=book.random.randrange(1, 40))
            coupon(book, account, worth, start, 45)


def add_invoices(book: OrderBook) -> None:
    """An invoice for some of the completed orders that have none."""
    names = {row["account_id"]: row["name"] for row in book.rows["accounts"]}
    served = {row["order_number"] for row in book.rows["invoices"]}
    for order in book.rows["orders"]:
        if order["order_number"] in served or order["state"] is not OrderState.COMPLETED:
            continue
        if book.random.random() < 0.15:
            asked = order["signed_at"] or order["paid_at"]
            invoice(book, order, names[order["account_id"]], asked)


def add_memberships(book: OrderBook, accounts: list[Row]) -> None:
    """Growth and points that fit each account's level; some renew a paid membership."""
    levels = ShopPolicy().levels
    for account in accounts:
        # Drawn by account, so that other rows stay the same whatever is drawn here.
        random = Random(f"{book.trade.profile}/{account['account_id']}")  # noqa: S311 - made up
        place = next(n for n, each in enumerate(levels) if each.name == account["member_level"])
        above = levels[place + 1].growth if place + 1 < len(levels) else _TOP_GROWTH
        renews = random.random() < 0.3
        book.add(
            "memberships",
            account_id=account["account_id"],
            growth=random.randrange(levels[place].growth, above),
            points=random.randrange(0, 5000),
            renews_at=book.now + random.randrange(1, 300) * DAY if renews else None,
            auto_renew=renews and random.random() < 0.5,
        )


def add_shelves(book: OrderBook) -> None:
    """The sellers and the products, one row for all variants of a good."""
    for seller in book.trade.sellers:
        book.add(
            "sellers",
            seller_id=seller.seller_id,
            name=seller.name,
            phone=seller.phone,
            return_address=seller.return_address,
        )
    delivers = book.trade.delivers
    for good in book.trade.goods:
        seller = book.trade.seller(good.seller)
        restock = book.now + good.restock_days * DAY if good.restock_days else None
        book.add(
            "products",
            sku=good.sku,
            name=good.name,
            category=str(good.category),
            price=good.price,
            stock=good.stock,
            specs={"可选": "、".join(good.variants)} | good.specs,
            restock_at=restock,
            ships_from=(seller.centre[:2] if seller else "上海") if delivers else "",
            ships_within_hours=48 if delivers else 0,
            freight=FREIGHT if delivers else 0,
            free_freight_from=FREE_FREIGHT_FROM if delivers else 0,
            warranty_months=good.warranty,
            installable=good.installable,
            seller_id=good.seller,
        )
