"""The paths of a shop's own service, after ``docs/shop-api.md``, served by the bundled shop."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Annotated, Any, ClassVar

from fastapi import Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import AwareDatetime
from starlette.exceptions import HTTPException

from kefu.errors import KefuError
from kefu.shop import http_requests as asked_of
from kefu.shop.catalogue import Product, Seller
from kefu.shop.changes import Installation
from kefu.shop.gateway import RuleRefused, ShopGateway
from kefu.shop.model import (
    Account,
    GuestCheck,
    Operation,
    Order,
    OrderPage,
    OrderState,
    Payment,
    Refund,
    Return,
    TurnRef,
)
from kefu.shop.money import Coupon, Invoice, PriceClaim
from kefu.shop.people import Contact, Membership
from tests.shop_headers import (
    ALWAYS,
    MISSING,
    PROBLEM,
    WRITING,
    IdempotencyKey,
    InViewer,
    Limit,
    Number,
    signed,
)


class NotFound(KefuError):
    code: ClassVar[str] = "not_found"
    title: ClassVar[str] = "没有找到。"
    status: ClassVar[int] = 404


class RequestInvalid(KefuError):
    code: ClassVar[str] = "request_invalid"
    title: ClassVar[str] = "请求不符合接口说明。"
    status: ClassVar[int] = 400


def create_app(shop: ShopGateway) -> FastAPI:
    """The service without its gate."""
    app = FastAPI(
        title="Kefu shop API",
        version="1",
        description="What Kefu asks of a shop. `docs/shop-api.md` says how to serve it.",
        openapi_url=None,
        dependencies=[Depends(signed)],
        responses=ALWAYS,
        generate_unique_id_function=lambda route: route.name,
    )
    app.add_exception_handler(KefuError, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _no_path)
    _reads(app, shop)
    _order_reads(app, shop)
    _searches(app, shop)
    _writes(app, shop)
    for kind in operations():
        _operation(app, shop, kind)
    return app


def operations() -> list[type[asked_of.OperationRequest]]:
    """Every operation there is, by name."""
    kinds = [each for each in vars(asked_of).values() if isinstance(each, type)]
    found = [each for each in kinds if issubclass(each, asked_of.OperationRequest)]
    return sorted((each for each in found if hasattr(each, "NAME")), key=lambda each: each.NAME)


def _reads(app: FastAPI, shop: ShopGateway) -> None:
    @app.get("/v1/ping", status_code=204)
    def ping() -> None:
        """Answers if the shop can be asked."""
        shop.ping()

    @app.get("/v1/account", responses=MISSING)
    def account(viewer: InViewer) -> Account:
        return found(shop.account(viewer))

    @app.get("/v1/membership", responses=MISSING)
    def membership(viewer: InViewer) -> Membership:
        return found(shop.membership(viewer))

    @app.get("/v1/contacts")
    def contacts(viewer: InViewer) -> tuple[Contact, ...]:
        """Where codes for the account can be sent, the phone first; the addresses are masked."""
        return shop.contacts(viewer.profile, viewer.account_id or "")

    @app.get("/v1/coupons")
    def coupons(viewer: InViewer) -> tuple[Coupon, ...]:
        """The account's coupons, the next to expire first; a guest has none."""
        return shop.coupons(viewer)

    @app.get("/v1/failed-payments")
    def failed_payments(viewer: InViewer, limit: Limit = 5) -> tuple[Payment, ...]:
        """Payments that failed and whose order is still unpaid or closed, newest first."""
        return shop.failed_payments(viewer, limit)

    @app.get("/v1/returns")
    def returns(viewer: InViewer, limit: Limit = 5) -> tuple[Return, ...]:
        """Newest first."""
        return shop.returns(viewer, limit)

    @app.get("/v1/returns/{rma_number}", responses=MISSING)
    def return_by_number(viewer: InViewer, rma_number: Number) -> Return:
        return found(shop.return_by_number(viewer, rma_number))

    @app.get("/v1/refunds")
    def refunds(viewer: InViewer, limit: Limit = 5) -> tuple[Refund, ...]:
        """Newest first."""
        return shop.refunds(viewer, limit)

    @app.get("/v1/operations")
    def operations(turn_id: Annotated[str, Query(max_length=200)]) -> tuple[Operation, ...]:
        """What a turn has done, oldest first, with the answers that were given for it."""
        return shop.operations(turn_id)


def _order_reads(app: FastAPI, shop: ShopGateway) -> None:
    @app.get("/v1/orders")
    def orders(
        viewer: InViewer,
        state: Annotated[list[OrderState] | None, Query()] = None,
        limit: Limit = 5,
        offset: Annotated[int, Query(ge=0)] = 0,
    ) -> OrderPage:
        """The viewer's orders in these states (any), newest first, with all that hangs on them."""
        return shop.orders(viewer, states=state, limit=limit, offset=offset)

    @app.get("/v1/orders/{order_number}", responses=MISSING)
    def order(viewer: InViewer, order_number: Number) -> Order:
        return found(shop.order(viewer, order_number))

    @app.get("/v1/orders/{order_number}/installations")
    def installations(viewer: InViewer, order_number: Number) -> tuple[Installation, ...]:
        return shop.installations(viewer, order_number)

    @app.get("/v1/orders/{order_number}/invoices")
    def invoices(viewer: InViewer, order_number: Number) -> tuple[Invoice, ...]:
        """Newest first."""
        return shop.invoices(viewer, order_number)

    @app.get("/v1/orders/{order_number}/items/{item_id}/price-claim", responses=MISSING)
    def price_claim(
        viewer: InViewer, order_number: Number, item_id: Number, turn_id: str, now: AwareDatetime
    ) -> PriceClaim:
        """What price protection would give at `now`."""
        turn = TurnRef(turn_id, now)
        return found(shop.price_claim(viewer, turn, order_number=order_number, item_id=item_id))

    @app.get("/v1/products/{sku}", responses=MISSING)
    def product(viewer: InViewer, sku: Number) -> Product:
        return found(shop.product(viewer.profile, sku))

    @app.get("/v1/sellers/{seller_id}", responses=MISSING)
    def seller(viewer: InViewer, seller_id: Number) -> Seller:
        return found(shop.seller(viewer.profile, seller_id))


def _searches(app: FastAPI, shop: ShopGateway) -> None:
    @app.post("/v1/contact-searches", responses=MISSING)
    def find_contact(viewer: InViewer, asked: asked_of.FindContact) -> Contact:
        """The account behind a login, and where a code to it goes; one that fits two is none."""
        return found(shop.find_contact(viewer.profile, asked.login))

    @app.post("/v1/product-searches")
    def products(viewer: InViewer, asked: asked_of.FindProducts) -> tuple[Product, ...]:
        """The products whose name fits the words best; empty words find nothing."""
        return shop.products(viewer.profile, asked.words, asked.limit)


def _writes(app: FastAPI, shop: ShopGateway) -> None:
    @app.post("/v1/guest-checks", responses=WRITING)
    def check_guest(
        viewer: InViewer, asked: asked_of.CheckGuest, key: IdempotencyKey
    ) -> GuestCheck:
        """Check a guest's claim to an order; the fifth wrong try in an hour blocks its number.

        An unknown order is answered like wrong digits. The same turn again: the same answer.
        """
        expect(key, asked.idempotency_key())
        tail = asked.phone_tail
        return shop.check_guest(viewer.profile, asked.order_number, tail, asked.turn)

    @app.post("/v1/notices", status_code=204, responses=WRITING)
    def send_notice(viewer: InViewer, asked: asked_of.SendNotice, key: IdempotencyKey) -> None:
        """Send a message to the account, once per `notice_id`; served in read-only mode too."""
        expect(key, asked.idempotency_key(viewer))
        more = {each.name: getattr(asked, each.name) for each in dataclasses.fields(asked)}
        shop.send_notice(viewer.profile, viewer.account_id or "", **more)


def _operation(app: FastAPI, shop: ShopGateway, kind: type[asked_of.OperationRequest]) -> None:
    method = getattr(shop, kind.NAME)

    def operate(viewer: InViewer, asked: Any, key: IdempotencyKey) -> Any:
        expect(key, asked.idempotency_key(viewer))
        fields = [each.name for each in dataclasses.fields(asked) if each.name != "turn"]
        more = {name: getattr(asked, name) for name in fields}
        if isinstance(asked, asked_of.AccountRequest):
            return method(viewer.profile, viewer.account_id or "", asked.turn, **more)
        return method(viewer, asked.turn, **more)

    operate.__annotations__["asked"] = kind
    app.add_api_route(
        f"/v1/operations/{kind.NAME}",
        operate,
        methods=["POST"],
        name=kind.NAME,
        description=inspect.getdoc(getattr(ShopGateway, kind.NAME)),
        response_model=kind.RESULT,
        responses=WRITING,
    )


def found(value: Any) -> Any:
    if value is None:
        raise NotFound
    return value


def expect(key: str, of_request: str) -> None:
    """The ledger of the bundled shop is unique by turn, name and target: the parts of the key."""
    if key != of_request:
        raise RequestInvalid("the idempotency key is not that of the turn and the target")


def _problem(_request: Request, error: Any) -> JSONResponse:
    status = 422 if error.code == "operation_conflict" else error.status
    body = error.as_problem() | {"status": status}
    if isinstance(error, RuleRefused):
        body["verdict"] = dataclasses.asdict(error.verdict)
    return JSONResponse(body, status, media_type=PROBLEM)


def _invalid(request: Request, error: Any) -> Response:
    wrong = [f"{each['loc']}: {each['type']}" for each in error.errors()]
    return _problem(request, RequestInvalid("; ".join(wrong)))


def _no_path(_request: Request, error: Any) -> Response:
    body = {"status": error.status_code, "code": "no_such_path", "title": "没有这个接口。"}
    return JSONResponse(body, error.status_code, media_type=PROBLEM)
