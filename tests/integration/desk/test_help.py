"""The help centre as a browser without scripts sees it."""

from __future__ import annotations

from html.parser import HTMLParser

import httpx
import pytest

from kefu.knowledge.pages import mark
from tests.desk_stage import Desk

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Page(HTMLParser):
    """Links, marked words and tags of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: list[str] = []
        self.marked: list[str] = []
        self._in_mark = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._in_mark = tag == "mark"
        if tag == "a":
            self.links.append(dict(attrs)["href"] or "")

    def handle_data(self, data: str) -> None:
        if self._in_mark:
            self.marked.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._in_mark = False


async def get(desk: Desk, path: str, **options: str) -> httpx.Response:
    return await desk.client().get(path, **options)


async def test_unknown_pages_say_so_in_chinese(desk: Desk) -> None:
    for path in (
        "/help/nobody/",
        "/help/nobody/refunds",
        "/help/nobody/theme.css",
        "/help/demo/no",
    ):
        response = await get(desk, path)
        assert response.status_code == 404, path
        assert response.headers["content-type"].startswith("text/html")
        assert response.headers["cache-control"] == "no-store"
        assert "没有找到您要的页面" in response.text
    assert "/help/demo/" in Page((await get(desk, "/help/demo/no")).text).links
    assert (await get(desk, "/help/demo/%2e%2e/style.css")).status_code == 404


async def test_every_link_of_every_profile_leads_to_a_page(desk: Desk) -> None:
    client = desk.client()
    for profile in desk.runtime.profiles:
        home = await client.get(f"/help/{profile.profile}/")
        assert profile.brand in home.text
        links = [link for link in Page(home.text).links if link.startswith("/help/")]
        assert len(links) >= 15
        for link in dict.fromkeys(links):
            page = await client.get(link)
            assert page.status_code == 200, link
            assert "script" not in Page(page.text).tags
            assert "style=" not in page.text


async def test_without_the_slash_the_browser_is_led_there(desk: Desk) -> None:
    response = await get(desk, "/help/demo")
    assert (response.status_code, response.headers["location"]) == (308, "/help/demo/")


async def test_a_search_marks_what_was_found(desk: Desk) -> None:
    response = await get(desk, "/help/demo/?q=运费险怎么赔")
    page = Page(response.text)
    assert "运费险" in page.marked
    assert any(link.startswith("/help/demo/return-freight") for link in page.links)
    assert response.headers["cache-control"] == "private, no-store"


async def test_a_search_that_nothing_answers_says_so(desk: Desk) -> None:
    assert "没有找到与“魑魅魍魉”有关的文章" in (await get(desk, "/help/demo/?q=魑魅魍魉")).text
    weak = (await get(desk, "/help/demo/?q=今天天气怎么样")).text
    assert "没有找到" in weak


async def test_what_was_asked_is_shown_as_text(desk: Desk) -> None:
    for question in ("<script>alert(1)</script>退款", '"><img src=x>', "%s%d退款", "退款" * 500):
        response = await desk.client().get("/help/demo/", params={"q": question})
        assert response.status_code == 200
        assert not {"script", "img"} & set(Page(response.text).tags)
        assert len(response.text) < 40_000


async def test_pages_are_asked_for_again_but_not_sent_again(desk: Desk) -> None:
    client = desk.client()
    for path in (
        "/help/demo/",
        "/help/demo/return-freight",
        "/help/style.css",
        "/help/demo/theme.css",
    ):
        first = await client.get(path)
        assert first.headers["cache-control"] == "no-cache"
        known = {"If-None-Match": f'"other", W/{first.headers["etag"]}'}
        again = await client.get(path, headers=known)
        assert (again.status_code, again.content) == (304, b"")
        other = await client.get(path, headers={"If-None-Match": '"other"'})
        assert other.text == first.text
        assert (await client.head(path)).headers["etag"] == first.headers["etag"]


async def test_pages_carry_the_desks_security_headers_and_the_brands_colour(desk: Desk) -> None:
    client = desk.client()
    response = await client.get("/help/tmall/")
    assert "script-src 'self'" in response.headers["content-security-policy"]
    assert response.headers["x-content-type-options"] == "nosniff"
    colour = desk.runtime.profiles["tmall"].theme.colour
    assert colour in (await client.get("/help/tmall/theme.css")).text


def test_marks_never_break_the_html(database_url: str) -> None:
    assert mark("a<b>退款</b>", ["退款", "<b>"]) == "a<mark>&lt;b&gt;退款</mark>&lt;/b&gt;"
    assert mark("退款到账", []) == "退款到账"
    assert mark("运费险", ["运费", "费险"]) == "<mark>运费险</mark>"
    assert mark("VIP", ["vip"]) == "<mark>VIP</mark>"
