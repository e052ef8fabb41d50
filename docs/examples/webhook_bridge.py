#!/usr/bin/env python3
"""An example of a server behind Kefu's webhook channel. It needs Python alone, no packages.

  --chat    talk to Kefu in this terminal, as one shopper
  --wechat  bridge a WeChat official account, or whatever speaks its protocol

In both it takes Kefu's events at http://127.0.0.1:8090/kefu. docs/webhook.md explains the protocol.
A server of your own needs the class ``Kefu`` (sign what goes out), the function ``is_signed``
(check what comes in) and a place to remember which events it has dealt with (``Remembered``).
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import os
import re
import sqlite3
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

Json = dict[str, Any]

LARGEST_BODY = 1024 * 1024
# WeChat does not sign the body: fetch from its own servers alone.
PICTURES = re.compile(r"https?://[a-z0-9.]+\.qpic\.cn/")
COMMANDS = "命令：/按钮 1　/图片 路径　/验证码 123456　/评价 5 很好　/取消排队　/结束　/退出"


class Refused(Exception):
    """Kefu said no; the message is the Chinese sentence for the shopper."""


class Kefu:
    """Sends signed requests, again where no answer came: the same message_id is one message."""

    def __init__(self, url: str, profile: str, key: str) -> None:
        self.url = f"{url.rstrip('/')}/api/v1/channels/webhook/{profile}"
        self.key = key.encode()

    def message(self, user: Json, message_id: str, **content: Any) -> Json:
        return self.post({"message_id": message_id, "user": user, **content})

    def image(self, user: Json, message_id: str, picture: bytes) -> Json:
        """A form whose part ``message`` is the JSON, signed as a whole."""
        message = json.dumps({"message_id": message_id, "user": user, "type": "image"})
        edge = uuid.uuid4().hex
        head = (
            f'--{edge}\r\nContent-Disposition: form-data; name="message"\r\n\r\n{message}\r\n'
            f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="picture"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        body = head.encode() + picture + f"\r\n--{edge}--\r\n".encode()
        return self._send(f"{self.url}/images", f"multipart/form-data; boundary={edge}", body)

    def post(self, content: Json) -> Json:
        body = json.dumps(content, ensure_ascii=False).encode()
        return self._send(self.url, "application/json", body)

    def _send(self, url: str, content_type: str, body: bytes) -> Json:
        for pause in (0.5, 1, 2, 4, 8, 0):
            headers = {"Content-Type": content_type, **signed(self.key, body)}
            request = urllib.request.Request(url, body, headers, method="POST")
            try:
                with urllib.request.urlopen(request, timeout=15) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                problem = json.load(error)
                if error.code not in {429, 500, 502, 503, 504} or not pause:
                    raise Refused(problem["title"]) from error
            except OSError:
                if not pause:
                    raise
            time.sleep(pause)
        raise AssertionError("the last try returns or raises")


def signed(key: bytes, body: bytes) -> dict[str, str]:
    """The two headers of a request with this body."""
    at = str(int(time.time()))
    digest = hmac.new(key, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Kefu-Timestamp": at, "X-Kefu-Signature": f"v1={digest}"}


def is_signed(key: bytes, headers: Any, body: bytes) -> bool:
    """Whether Kefu sent this, within the last five minutes."""
    at = headers.get("X-Kefu-Timestamp", "")
    if not at.isdigit() or abs(int(at) - time.time()) > 300:
        return False
    digest = hmac.new(key, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"v1={digest}", headers.get("X-Kefu-Signature", ""))


class Remembered:
    """Events that were dealt with: Kefu sends each at least once, and here it counts once."""

    def __init__(self, path: str) -> None:
        self._rows = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._rows.execute("CREATE TABLE IF NOT EXISTS events (event_id TEXT PRIMARY KEY)")
        self._lock = threading.Lock()

    def once(self, event_id: str, work: Callable[[], None]) -> None:
        """Do ``work`` and note the event; if the work fails, Kefu's next try does it."""
        with self._lock:
            query = "SELECT 1 FROM events WHERE event_id = ?"
            known = self._rows.execute(query, (event_id,)).fetchone()
        if not known:
            work()
            with self._lock:
                self._rows.execute("INSERT OR IGNORE INTO events VALUES (?)", (event_id,))


def lines_of(event: Json) -> list[str]:
    """An event in words, for a channel that has nothing but text."""
    if event["type"] == "message":
        lines = [event["text"]] if event.get("text") else []
        for card in event.get("cards") or []:
            words = (card.get(key) for key in ("title", "state_text", "url"))
            lines.append("▤ " + " ".join(word for word in words if word))
        titles = [button["title"] for button in buttons_of(event)]
        return lines + [f"　{number}. {title}" for number, title in enumerate(titles, 1)]
    if event["type"] in {"verify_request", "rating_request"}:
        return [event["text"]] if event.get("text") else ["请为本次服务评分（1 至 5 星）。"]
    return []


def buttons_of(event: Json) -> list[Json]:
    below_cards = [
        button for card in event.get("cards") or [] for button in card.get("buttons") or []
    ]
    return [*(event.get("buttons") or []), *below_cards]


class Chat:
    """One shopper in the terminal."""

    def __init__(self, kefu: Kefu, user: Json) -> None:
        self.kefu = kefu
        self.user = user
        self.newest: dict[str, Json] = {}
        self.buttons: list[Json] = []

    def show(self, envelope: Json) -> None:
        event = envelope["event"]
        self.newest[event["type"]] = envelope
        if buttons_of(event):
            self.buttons = buttons_of(event)
        who = {"bot": "机器人", "agent": "客服"}.get(event.get("from", ""), "系统")
        for line in lines_of(event):
            print(f"{event.get('name') or who}：{line}", flush=True)
        if event["type"] == "state":
            print(f"（会话状态：{event['state']}）", flush=True)

    def run(self) -> None:
        print(f"已连接 {self.kefu.url}，请输入您的问题。\n{COMMANDS}", flush=True)
        for line in sys.stdin:
            text = line.strip()
            if text == "/退出":
                return
            try:
                if text:
                    self.do(text)
            except (Refused, OSError, ValueError) as error:
                print(f"（{error}）", flush=True)

    def do(self, text: str) -> None:
        command, _, rest = text.partition(" ")
        message_id = uuid.uuid4().hex
        if command == "/按钮" and rest.isdigit() and 0 < int(rest) <= len(self.buttons):
            button = self.buttons[int(rest) - 1]["id"]
            self.kefu.message(self.user, message_id, type="button", button=button)
        elif command == "/图片":
            self.kefu.image(self.user, message_id, Path(rest).read_bytes())
        elif command == "/验证码":
            event = self._asked("verify_request")["event"]
            self.in_talk(type="verify", verify_id=event["verify_id"], code=rest)
        elif command == "/评价":
            stars, _, words = rest.partition(" ")
            seq = self._asked("rating_request")["event"]["seq"]
            self.in_talk("rating_request", type="rating", seq=seq, stars=int(stars), text=words)
        elif command in {"/取消排队", "/结束"}:
            self.in_talk(type="queue_leave" if command == "/取消排队" else "close")
        elif command.startswith("/"):
            print(COMMANDS, flush=True)
        else:
            self.kefu.message(self.user, message_id, type="text", text=text)

    def in_talk(self, about: str = "message", **content: Any) -> None:
        conversation_id = self._asked(about)["conversation_id"]
        self.kefu.post({"user": self.user, "conversation_id": conversation_id, **content})

    def _asked(self, type_: str) -> Json:
        if type_ not in self.newest:
            raise Refused("现在没有可以操作的内容")
        return self.newest[type_]


class WeChat:
    """An official account: its messages to Kefu, Kefu's events to its customer-service interface.

    WECHAT_TOKEN signs what WeChat sends. WECHAT_API is where answers go, with the access token in
    it: https://api.weixin.qq.com/cgi-bin/message/custom/send?access_token=...
    """

    def __init__(self, kefu: Kefu, token: str, api: str) -> None:
        self.kefu = kefu
        self.token = token
        self.api = api

    def is_signed(self, query: dict[str, list[str]]) -> bool:
        parts = sorted([self.token, query.get("timestamp", [""])[0], query.get("nonce", [""])[0]])
        digest = hashlib.sha1("".join(parts).encode()).hexdigest()  # noqa: S324 as WeChat has it
        return hmac.compare_digest(digest, query.get("signature", [""])[0])

    def take(self, xml: bytes) -> None:
        """Pass a message on; WeChat repeats what is not answered within five seconds."""
        found = ElementTree.fromstring(xml)  # noqa: S314 expat bounds what entities expand to
        fields = {child.tag: child.text or "" for child in found}
        user = {"id": fields["FromUserName"]}
        # To say that somebody is signed in: user["account_id"] = the account bound to the OpenID.
        if fields["MsgType"] == "text":
            self.kefu.message(user, fields["MsgId"], type="text", text=fields["Content"])
        elif fields["MsgType"] == "image" and PICTURES.match(fields["PicUrl"]):
            with urllib.request.urlopen(fields["PicUrl"], timeout=10) as picture:
                self.kefu.image(user, fields["MsgId"], picture.read())

    def show(self, envelope: Json) -> None:
        """Raises if WeChat does not take it: then Kefu sends it again later."""
        lines = lines_of(envelope["event"])
        if not lines:
            return
        text = {"content": "\n".join(lines)}
        body = {"touser": envelope["user"]["id"], "msgtype": "text", "text": text}
        request = urllib.request.Request(self.api, json.dumps(body, ensure_ascii=False).encode())
        with urllib.request.urlopen(request, timeout=8) as answer:
            result = json.loads(answer.read() or "{}")
        if result.get("errcode"):
            raise OSError(f"WeChat answered {result['errcode']}")


class Handler(BaseHTTPRequestHandler):
    """``/kefu`` for Kefu's events, ``/wechat`` for WeChat's messages."""

    key: bytes
    remembered: Remembered
    bridge: Chat | WeChat

    def do_GET(self) -> None:
        """WeChat asks once whether the address is ours."""
        query = parse_qs(urlsplit(self.path).query)
        known = isinstance(self.bridge, WeChat) and self.bridge.is_signed(query)
        self.answer(200 if known else 404, query.get("echostr", [""])[0] if known else "")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch("[0-9]{1,9}", length) or int(length) > LARGEST_BODY:
            self.answer(413)
            return
        body = self.rfile.read(int(length))
        path = urlsplit(self.path).path
        try:
            if path == "/kefu":
                self.take_event(body)
            elif path == "/wechat" and isinstance(self.bridge, WeChat):
                self.take_message(self.bridge, body)
            else:
                self.answer(404)
        except (OSError, Refused) as error:
            print(f"not passed on: {error}", file=sys.stderr, flush=True)
            self.answer(503)

    def take_event(self, body: bytes) -> None:
        if not is_signed(self.key, self.headers, body):
            self.answer(401)
            return
        envelope = json.loads(body)
        self.remembered.once(envelope["event_id"], lambda: self.bridge.show(envelope))
        self.answer(200)

    def take_message(self, bridge: WeChat, body: bytes) -> None:
        if not bridge.is_signed(parse_qs(urlsplit(self.path).query)):
            self.answer(401)
            return
        bridge.take(body)
        self.answer(200, "success")

    def answer(self, status: int, text: str = "") -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--chat", action="store_true", help="talk in this terminal")
    mode.add_argument("--wechat", action="store_true", help="bridge an official account")
    parser.add_argument("--kefu", default="http://127.0.0.1:8000", help="where Kefu is")
    parser.add_argument("--profile", default="demo")
    parser.add_argument("--key-env", default="KEFU_DEMO_WEBHOOK_KEY", help="the profile's key_env")
    parser.add_argument("--port", type=int, default=8090, help="where Kefu's events are taken")
    parser.add_argument(
        "--events", default=":memory:", help="file that remembers events dealt with"
    )
    parser.add_argument("--user", default="terminal", help="--chat: what Kefu calls you by")
    parser.add_argument(
        "--account", help="--chat: the account that you are signed in to, e.g. u0001"
    )
    options = parser.parse_args()
    key = os.environ.get(options.key_env) or sys.exit(f"set {options.key_env} to the channel's key")
    kefu = Kefu(options.kefu, options.profile, key)
    user = {"id": options.user, **({"account_id": options.account} if options.account else {})}
    bridge = (
        Chat(kefu, user)
        if options.chat
        else WeChat(kefu, os.environ["WECHAT_TOKEN"], os.environ["WECHAT_API"])
    )
    Handler.key, Handler.remembered, Handler.bridge = (
        key.encode(),
        Remembered(options.events),
        bridge,
    )
    server = ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
    serving = threading.Thread(target=server.serve_forever, daemon=isinstance(bridge, Chat))
    serving.start()
    kefu.post({"type": "ready"})
    if isinstance(bridge, Chat):
        bridge.run()


if __name__ == "__main__":
    main()
