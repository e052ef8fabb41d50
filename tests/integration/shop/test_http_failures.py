"""A shop's own service that fails, lies, stalls or breaks off: in time, typed, and done once."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kefu.shop import HttpAccess, migrate, open_gateway
from kefu.shop.gateway import RuleRefused, ShopGateway, ShopReadOnly, ShopUnavailable
from kefu.shop.ledger import NoticeRow
from kefu.shop.model import OrderState, TurnRef, Viewer
from kefu.shop.sql_gateway import SqlGateway
from tests.shop_data import NOW, ShopData
from tests.shop_server import KEY, ShopServer
from tests.shopper import Shopper

QUICK = HttpAccess(KEY, deadline=0.8)
PATIENT = HttpAccess(KEY, deadline=10)
PHONE = "13900005678"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('shop') / 'shop.db'}"
    migrate(url)
    return url


@pytest.fixture(scope="module")
def data(url: str) -> Iterator[ShopData]:
    with closing(ShopData(url)) as data:
        yield data


@pytest.fixture(scope="module")
def module_server(url: str) -> Iterator[ShopServer]:
    with closing(SqlGateway(url)) as bundled, ShopServer(bundled) as server:
        yield server


@pytest.fixture
def server(module_server: ShopServer) -> Iterator[ShopServer]:
    module_server.gate.seen.clear()
    yield module_server
    module_server.gate.always = ""
    module_server.gate.trouble.clear()


@pytest.fixture
def patient(server: ShopServer) -> Iterator[ShopGateway]:
    with closing(open_gateway(server.url, http=PATIENT)) as shop:
        yield shop


@pytest.fixture
def quick(server: ShopServer) -> Iterator[ShopGateway]:
    with closing(open_gateway(server.url, http=QUICK)) as shop:
        shop.ping()
        yield shop


@pytest.fixture
def shopper(patient: ShopGateway, data: ShopData) -> Shopper:
    return Shopper.with_order(patient, data, OrderState.PAID, phone=PHONE)


@contextmanager
def unavailable(within: float = 2.0) -> Iterator[pytest.ExceptionInfo[ShopUnavailable]]:
    """It fails as it should, in time, and nobody is named on the way to the log."""
    start = time.monotonic()
    with pytest.raises(ShopUnavailable) as caught:
        yield caught
    assert time.monotonic() - start < within
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def cancel(shopper: Shopper, shop: ShopGateway | None = None) -> object:
    return (shop or shopper.shop).cancel_order(
        shopper.viewer, shopper.turn(), order_number=shopper.number, reason="不想要了"
    )


def read(shopper: Shopper, shop: ShopGateway | None = None) -> object:
    return (shop or shopper.shop).order(shopper.viewer, shopper.number)


def page(shopper: Shopper, shop: ShopGateway | None = None) -> object:
    return (shop or shopper.shop).orders(shopper.viewer)


def search(shopper: Shopper, shop: ShopGateway | None = None) -> object:
    return (shop or shopper.shop).find_contact("p", PHONE)


Ask = Callable[..., object]
EVERY_WAY = pytest.mark.parametrize("ask", [read, page, cancel, search])


@EVERY_WAY
@pytest.mark.parametrize(
    "trouble",
    [
        "http_500",
        "http_404",
        "problem_500",
        "garbage",
        "page",
        "wrong_schema",
        "no_list",
        "huge",
        "empty",
        "redirect",
        "bad_problem",
        "allowed_refusal",
        "deep",
    ],
)
def test_an_answer_that_is_none(server: ShopServer, shopper: Shopper, ask: Ask, trouble: str):
    server.gate.always = trouble
    with unavailable(5) as caught:
        ask(shopper)
    assert not [each for each in (shopper.number, PHONE, "x" * 9) if each in caught.value.detail]
    assert shopper.effects() == (0, 0)
    assert server.gate.seen == [], "a redirect must not be followed"


def test_what_is_wrong_with_an_answer_is_told_without_its_values(
    server: ShopServer, shopper: Shopper
):
    server.gate.always = "wrong_schema"
    with unavailable(5) as caught:
        read(shopper)
    assert "order_number: string_type" in caught.value.detail
    assert "13900005678" not in caught.value.detail


@EVERY_WAY
def test_a_service_that_hangs(server: ShopServer, quick: ShopGateway, shopper: Shopper, ask: Ask):
    server.gate.trouble.append("hang")
    with unavailable():
        ask(shopper, quick)
    assert shopper.effects() == (0, 0)


def test_a_service_that_trickles(server: ShopServer, quick: ShopGateway, shopper: Shopper):
    server.gate.always = "trickle"
    with unavailable():
        read(shopper, quick)


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with (
        closing(open_gateway(f"http://127.0.0.1:{port}", http=QUICK)) as shop,
        unavailable(),
    ):
        shop.order(Viewer("p", "a"), "KF1")


def test_a_service_that_accepts_and_says_nothing():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with closing(open_gateway(url, http=QUICK)) as shop, unavailable():
            shop.ping()


def certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that no authority has signed, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(here, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    form = serialization.PrivateFormat.PKCS8
    path = folder / "shop.pem"
    path.write_bytes(
        made.public_bytes(pem) + key.private_bytes(pem, form, serialization.NoEncryption())
    )
    return path


def test_over_tls_only_a_service_that_somebody_vouches_for_is_asked(url: str, tmp_path: Path):
    mine = certificate(tmp_path)
    vouched = replace(PATIENT, authorities=mine)
    with (
        closing(SqlGateway(url)) as bundled,
        ShopServer(bundled, certificate=mine) as server,
    ):
        assert server.url.startswith("https://")
        with closing(open_gateway(server.url, http=QUICK)) as shop, unavailable():
            shop.ping()
        assert server.gate.seen == []
        with closing(open_gateway(server.url, http=vouched)) as shop:
            shop.ping()
        assert len(server.gate.seen) == 1


@pytest.mark.parametrize("times", [1, 2])
def test_a_lost_answer_is_asked_for_again_and_the_effect_is_one(
    server: ShopServer, shopper: Shopper, times: int
):
    server.gate.trouble += ["lost"] * times
    done = cancel(shopper)
    assert cancel(shopper) == done
    assert shopper.effects() == (1, 1)
    asked = [each for each in server.gate.seen if each.path.endswith("cancel_order")]
    assert len(asked) == times + 2
    assert len({each.headers["idempotency-key"] for each in asked}) == 1
    assert len({each.headers["signature-input"] for each in asked}) == times + 2


def test_answers_that_keep_being_lost_are_given_up(server: ShopServer, shopper: Shopper):
    server.gate.always = "lost"
    with unavailable(5):
        cancel(shopper)
    assert len(server.gate.seen) == 3
    server.gate.always = ""
    cancel(shopper)
    assert shopper.effects() == (1, 1)


def test_a_turn_that_saw_no_answer_finds_what_it_has_done(server: ShopServer, shopper: Shopper):
    server.gate.always = "lost"
    with unavailable(5):
        cancel(shopper)
    server.gate.always = ""
    done = shopper.shop.operation(shopper.turn(), "cancel_order", shopper.number)
    assert done is not None
    assert done.result["reason"] == "不想要了"


def test_an_idle_connection_that_the_service_has_closed_is_no_trouble(
    server: ShopServer, shopper: Shopper
):
    server.gate.always = "close"
    for _ in range(5):
        assert read(shopper)


def test_a_silence_is_not_asked_again(server: ShopServer, quick: ShopGateway, shopper: Shopper):
    server.gate.trouble += ["hang"]
    with unavailable():
        read(shopper, quick)
    assert server.gate.trouble == []
    assert len(server.gate.seen) <= 2, "the ping of the fixture, and perhaps the late one"


def test_a_service_that_lets_nothing_be_written(server: ShopServer, shopper: Shopper):
    server.gate.trouble.append("read_only")
    with pytest.raises(ShopReadOnly):
        cancel(shopper)


def test_a_refusal_carries_the_shops_own_sentence(shopper: Shopper):
    shopper.change_order(state=OrderState.SHIPPED)
    with pytest.raises(RuleRefused) as refused:
        cancel(shopper)
    assert refused.value.verdict.code
    assert refused.value.sentence == refused.value.verdict.sentence
    assert refused.value.sentence.endswith("。")


def test_proxies_and_passwords_of_the_environment_are_not_used(
    shopper: Shopper, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    assert read(shopper)


def test_nothing_personal_is_logged(
    server: ShopServer, shopper: Shopper, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    for trouble in ("http_500", "wrong_schema"):
        server.gate.trouble.append(trouble)
        with unavailable(5):
            search(shopper)
    server.gate.trouble.append("lost")
    assert read(shopper)
    with closing(open_gateway("http://127.0.0.1:1", http=QUICK)) as nowhere, unavailable(5):
        read(shopper, nowhere)
    # The service runs in the same process.
    ours = [each for each in caplog.records if not each.name.startswith("uvicorn")]
    told = "\n".join(caplog.handler.format(each) for each in ours)
    assert PHONE not in told
    assert shopper.number not in told


def test_many_threads_share_one_gateway(server: ShopServer, shopper: Shopper, data: ShopData):
    owners = [Shopper.with_order(shopper.shop, data, OrderState.PAID) for _ in range(12)]
    failures: list[object] = []

    def look(owner: Shopper) -> None:
        for _ in range(5):
            found = shopper.shop.order(owner.viewer, owner.number)
            if found is None or found.order_number != owner.number:
                failures.append(found)

    threads = [threading.Thread(target=look, args=(owner,)) for owner in owners]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert failures == []


def test_a_notice_whose_answer_was_lost_is_sent_once(
    server: ShopServer, shopper: Shopper, data: ShopData
):
    server.gate.trouble.append("lost")
    shopper.shop.send_notice(
        "p",
        shopper.account,
        notice_id=f"n-{shopper.number}",
        kind="verify_code",
        channel=None,
        payload={"code": "123456"},
    )
    assert data.count(NoticeRow, account_id=shopper.account) == 1


def test_a_guess_whose_answer_was_lost_counts_once(server: ShopServer, shopper: Shopper):
    server.gate.trouble.append("lost")
    turn = TurnRef(f"guess-{shopper.number}", NOW)
    assert shopper.shop.check_guest("p", shopper.number, "0000", turn).tries_left == 4
