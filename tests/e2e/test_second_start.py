"""A second start on the same home: nothing is made again, and nothing is left from the first."""

from __future__ import annotations

from pathlib import Path

from kefu.shop import open_gateway
from kefu.shop.model import Viewer
from tests.e2e.shopper import Shopper
from tests.e2e.stack import ROOT, Stack


def test_a_second_start_trains_and_seeds_nothing_and_keeps_the_talks(tmp_path: Path) -> None:
    first = Stack(home=tmp_path)
    try:
        first.start()
        models = model_files()
        orders = demo_orders(tmp_path)
        shopper = Shopper(first.base_url, "u0001")
        shopper.say("你好")
        resume = shopper.session["resume_token"]
        said = shopper.last_seq
        shopper.close()
    finally:
        assert not first.stop()

    second = Stack(home=tmp_path)
    try:
        second.start()
        assert model_files() == models
        assert demo_orders(tmp_path) == orders
        assert not any("with the password " in line and "once" in line for line in second.lines)
        again = Shopper(second.base_url, "u0001", resume=resume)
        assert again.session["last_seq"] == said
        again.close()
    finally:
        assert not second.stop()


def model_files() -> dict[str, float]:
    return {path.name: path.stat().st_mtime for path in (ROOT / "models").glob("*.tar.gz")}


def demo_orders(home: Path) -> list[str]:
    shop = open_gateway(f"sqlite:///{home / 'shop.db'}")
    try:
        page = shop.orders(Viewer("demo", "u0001"), limit=50)
        return [order.order_number for order in page.orders]
    finally:
        shop.close()
