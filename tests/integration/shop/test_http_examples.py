"""The code that ``docs/shop-api.md`` gives to a shop's engineers accepts and refuses as it says."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
import time_machine

from kefu.shop.http_signature import RequestSigner
from tests.e2e.stack import ROOT

KEY = "a-key-for-the-examples-in-the-document"


@dataclass(frozen=True)
class Case:
    method: str
    url: str
    headers: dict[str, str]
    body: str

    def with_headers(self, **headers: str) -> Case:
        return replace(
            self, headers=self.headers | {k.replace("_", "-"): v for k, v in headers.items()}
        )

    def without(self, name: str) -> Case:
        return replace(self, headers={k: v for k, v in self.headers.items() if k != name})


def signed(method: str = "POST", body: str = '{"a": "退"}', key: str = KEY, **more: str) -> Case:
    headers = {"Kefu-Profile": "demo"} | {k.replace("_", "-"): v for k, v in more.items()}
    if body:
        headers["Content-Type"] = "application/json"
    url = "https://shop.example/kefu/v1/orders/%E5%8D%95%201?state=paid&limit=5"
    request = requests.Request(method, url, data=body.encode() or None, headers=headers).prepare()
    RequestSigner(key).sign(request, body.encode())
    found = {name.lower(): value for name, value in request.headers.items()}
    return Case(method, request.url or "", found, body)


def good() -> list[Case]:
    key = '"t1:cancel_order:ab"'
    return [
        signed(),
        signed("GET", ""),
        signed(Kefu_Account="u%3D1", Idempotency_Key=key),
        signed(Kefu_Verified_Orders="KF1,KF2"),
    ]


def bad() -> list[Case]:
    right = signed(Kefu_Account="u0001")
    with time_machine.travel(datetime.now(UTC) - timedelta(minutes=6), tick=False):
        old = signed()
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=6), tick=False):
        early = signed()
    params = right.headers["signature-input"]
    return [
        old,
        early,
        signed(key=KEY + "x"),
        right.without("signature"),
        right.without("signature-input"),
        right.without("content-digest"),
        right.without("kefu-account"),
        right.with_headers(kefu_account="u0002"),
        right.with_headers(kefu_verified_orders="KF1"),
        right.with_headers(idempotency_key='"x"'),
        right.with_headers(signature_input=params.replace(' "kefu-account"', "")),
        right.with_headers(signature_input=params.replace("kefu-shop", "other")),
        replace(right, method="PUT"),
        replace(right, body=right.body + " "),
        replace(right, url=right.url.replace("limit=5", "limit=50")),
        replace(right, url=right.url.replace("/v1/", "/v2/")),
        replace(right, url=right.url.replace("shop.example", "evil.example")),
    ]


def example(language: str) -> str:
    text = (ROOT / "docs" / "shop-api.md").read_text()
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)
    return found


def run(command: list[str], text: str) -> list[str]:
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def python(cases: list[Case], folder: Path) -> list[str]:
    script = folder / "check.py"
    script.write_text(
        example("python")
        + f"""
import json, sys, types
for case in json.load(sys.stdin):
    case["body"] = case["body"].encode()
    try:
        print(verify(types.SimpleNamespace(**case), {KEY.encode()!r}))
    except Exception as error:
        print("refused" if type(error).__name__ == "InvalidSignature" else error)
"""
    )
    return run([sys.executable, str(script)], json.dumps([asdict(case) for case in cases]))


def node(cases: list[Case], folder: Path) -> list[str]:
    script = folder / "check.mjs"
    script.write_text(
        example("js")
        + f"""
import {{ readFileSync }} from "node:fs";
for (const {{ method, url, headers, body }} of JSON.parse(readFileSync(0, "utf8"))) {{
  const rest = /^https:..([^/]+)([^?]+)[?](.*)$/.exec(url);
  const [, authority, path, query] = rest;
  try {{
    const asked = {{ method, authority, path, query, headers, body: Buffer.from(body) }};
    console.log(verify(asked, {json.dumps(KEY)}));
  }} catch (error) {{
    console.log(error.message === "signature_invalid" ? "refused" : error.stack);
  }}
}}
"""
    )
    return run(["node", str(script)], json.dumps([asdict(case) for case in cases]))


def java(cases: list[Case], folder: Path) -> list[str]:
    script = folder / "Check.java"
    imports, _, code = example("java").partition("final class")
    script.write_text(
        f"""{imports}
class Check {{
    static String text(String given) {{
        return new String(Base64.getDecoder().decode(given), StandardCharsets.UTF_8);
    }}
    public static void main(String[] arguments) {{
        for (String line : new Scanner(System.in).useDelimiter("\\n").tokens().toList()) {{
            String[] part = line.split("\\t", -1);
            Map<String, String> headers = new HashMap<>();
            for (int n = 5; n + 1 < part.length; n += 2) headers.put(part[n], text(part[n + 1]));
            try {{
                System.out.println(KefuSignature.verify(part[0], part[1], part[2], part[3], headers,
                    Base64.getDecoder().decode(part[4]), {json.dumps(KEY)}.getBytes()));
            }} catch (java.security.GeneralSecurityException error) {{
                System.out.println("refused");
            }}
        }}
    }}
}}
final class{code}"""
    )
    lines = ["\t".join(java_parts(case)) for case in cases]
    return run(["java", str(script)], "\n".join(lines))


def java_parts(case: Case) -> list[str]:
    url = urlsplit(case.url)
    headers = [part for name, value in case.headers.items() for part in (name, in_base64(value))]
    return [case.method, url.netloc, url.path, url.query, in_base64(case.body), *headers]


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("language", [python, node, java], ids=lambda each: each.__name__)
def test_the_example_takes_what_is_right_and_nothing_else(language, tmp_path: Path):
    if language is java and not shutil.which("java"):
        pytest.skip("no Java here")
    right, wrong = good(), bad()
    found = language(right + wrong, tmp_path)
    nonces = [re.search(r'nonce="([^"]+)"', case.headers["signature-input"]) for case in right]
    assert found == [each.group(1) for each in nonces if each] + ["refused"] * len(wrong)
