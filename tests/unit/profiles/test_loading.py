"""A mistake in a profile is told with its file, its line and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from kefu.profiles import ProfileInvalid, ProfileNotFound, load_profiles
from tests.unit.profiles.files import FIRST, GOOD, folder, profile

MISTAKES = [
    ("colour: red\n", 0, "colour", "没有这一项"),
    ("origins:\n  - https://a.example\n  - https://a.example/\n", 2, "origins.1", "斜杠"),
    ("origins: ['*']\n", 0, "origins.0", "通配符"),
    ("origins: ['https://*.a.example']\n", 0, "origins.0", "通配符"),
    ("origins: [https://a.example/shop]\n", 0, "origins.0", "路径"),
    ("origins: [a.example]\n", 0, "origins.0", "https://"),
    ("origins: [https://A.example]\n", 0, "origins.0", "小写"),
    ("origins: [https://商店.example]\n", 0, "origins.0", "xn--"),
    ("origins: [https://me@a.example]\n", 0, "origins.0", "https://"),
    ("origins: ['null']\n", 0, "origins.0", "https://"),
    ("origins: ['https://a.example:443']\n", 0, "origins.0", ":443"),
    ("origins: ['https://a.example:99999']\n", 0, "origins.0", "99999"),
    ("origins: https://a.example\n", 0, "origins", "列表"),
    ("order_number_patterns: [KF, 'KF[']\n", 0, "order_number_patterns.1", "正则表达式"),
    ("case_number_patterns:\n  - 'A*'\n", 1, "case_number_patterns.0", "空文字"),
    ("identity: {algorithm: none, issuer: x}\n", 0, "identity.algorithm", "HS256"),
    ("quick_entries:\n  - {title: 查, intent: '/x'}\n", 1, "quick_entries.0.intent", "格式"),
    ("quick_entries:\n  - title: 查\n    intent: order_stat\n", 2, "quick_entries.0.intent",
     "order_status"),
    ("services_off: [order_status]\nquick_entries:\n  - {title: 查, intent: order_status}\n", 2,
     "quick_entries.0.intent", "services_off"),
    ("services_off:\n  - install_service\n  - human_agent\n", 2, "services_off.1", "不能关闭"),
    ("services_off: [no_such]\n", 0, "services_off.0", "没有这个意图"),
    ("answer_threshold: 2\n", 0, "answer_threshold", "不能大于"),
    ("answer_threshold: '0.5'\n", 0, "answer_threshold", "数字"),
    ("hours:\n  day:\n    weekly:\n      mon: closed\n      sat: 09:00-12:00,11:00-14:00\n", 4,
     "hours.day.weekly.sat", "9:00-12:00 与 11:00-14:00 重叠"),
    ("hours:\n  day:\n    weekly: {mon-fri: 09:00-18:00, wed: closed}\n", 2, "hours.day.weekly",
     "周三"),
    ("hours:\n  day:\n    weekly:\n      mo: closed\n", 3, "hours.day.weekly.mo", "星期"),
    ("hours:\n  day:\n    weekly:\n      fri-mon: closed\n", 3, "hours.day.weekly.fri-mon",
     "顺序"),
    ("hours:\n  day:\n    weekly:\n      fri: 18:00-02:00\n", 3, "hours.day.weekly.fri", "零点"),
    ("hours:\n  day:\n    weekly: {}\n    holidays: 9-10\n", 3, "hours.day.holidays", "closed"),
    ("hours:\n  day:\n    weekly: {}\n    dates:\n      2026-10-01: 23:00-25:00\n", 4,
     "hours.day.dates.2026-10-01", "24:00"),
    ("hours:\n  day:\n    weekly: {}\n    dates:\n      2026-13-01: closed\n", 4,
     "hours.day.dates.2026-13-01", "日期"),
    ("channels:\n  - {kind: fax, title: 传真, address: '1'}\n", 1, "channels.0.kind", "phone"),
    ("channels:\n  - {kind: chat, title: 聊}\n", 1, "channels.0.address", "缺少"),
    ("channels:\n  - {kind: chat, title: 聊, address: x, hours: day}\n", 1, "channels.0.hours",
     "没有这个服务时间：day"),
    ("groups: []\n", 0, "groups", "至少要有 1 项"),
    ("groups:\n  - {group: a, name: 甲}\n  - {group: a, name: 乙}\n", 2, "groups.1.group", "重复"),
    ("groups:\n  - {group: a, name: 甲, overflow: b}\n", 1, "groups.0.overflow",
     "没有这个客服组：b"),
    ("groups:\n  - {group: a, name: 甲, overflow: b}\n  - {group: b, name: 乙, overflow: a}\n", 1,
     "groups.0.overflow", "循环"),
    ("groups:\n  - {group: a, name: 甲, hours: day}\n", 1, "groups.0.hours", "没有这个服务时间"),
    ("groups:\n  - {group: a, name: 甲, intents: [invoice]}\n"
     "  - group: b\n    name: 乙\n    intents:\n      - invoice\n", 5, "groups.1.intents.0",
     "已分给客服组 a"),
    ("groups:\n  - {group: a, name: 甲}\nsellers:\n  - {seller_id: s, name: 店, group: c}\n", 3,
     "sellers.0.group", "没有这个客服组：c"),
    ("groups:\n  - {group: a, name: 甲}\nsellers:\n  - seller_id: s\n    name: 店\n    group: a\n"
     "    intents:\n      invoice: c\n", 7, "sellers.0.intents.invoice", "没有这个客服组：c"),
    ("groups:\n  - {group: a, name: 甲}\nsellers:\n  - {seller_id: s, name: 店, group: a}\n"
     "  - {seller_id: s, name: 店, group: a}\n", 4, "sellers.1.seller_id", "重复"),
    ("policies:\n  return_days: 7\n  retrun_days: 8\n", 2, "policies.retrun_days", "没有这一项"),
    ("policies:\n  return_days: -7\n", 1, "policies.return_days", "不能小于 0"),
    ("policies: {return_days: often}\n", 0, "policies.return_days", "整数"),
    ("ticket_hours: {complain: 3}\n", 0, "ticket_hours.complain", "complaint"),
    ("ticket_hours_otherwise: 0\n", 0, "ticket_hours_otherwise", "不能小于 1"),
    ("articles:\n  - nothing\n", 1, "articles.0", "没有这篇文章"),
    ("theme: {colour: red}\n", 0, "theme.colour", "格式"),
    ("theme: {colour: '#ffee00'}\n", 0, "theme.colour", "看不清"),
    ("links: {help: 'javascript:alert(1)'}\n", 0, "links.help", "格式"),
    ("terms:\n  订单: 3\n", 1, "terms.订单", "文字"),
    ("webhook_channel:\n  url: https://shop.example/kefu\n", 0, "webhook_channel.key_env", "缺少"),
    ("webhook_channel:\n  key_env: A\n  url: http://shop.example/kefu\n", 2,
     "webhook_channel.url", "https"),
    ("webhook_channel:\n  key_env: A\n  url: ftp://127.0.0.1\n", 2, "webhook_channel.url", "网址"),
    ("webhook_channel:\n  key_env: A\n  url: https://me:pw@shop.example\n", 2,
     "webhook_channel.url", "密码"),
    ("webhook_channel:\n  url: https://shop.example\n  key_env: s3cret\n", 2,
     "webhook_channel.key_env", "格式"),
    ("webhook_channel:\n  url: https://shop.example\n  key_env: A\n  key: s3cret\n", 3,
     "webhook_channel.key", "没有这一项"),
    ("webhook_channel:\n  url: https://shop.example\n  key_env: A\n  give_up_hours: 0\n", 3,
     "webhook_channel.give_up_hours", "不能小于 1"),
    ("responses: {utter_gret: [您好]}\n", 0, "responses.utter_gret", "utter_greet"),
    ("responses: {utter_greet: []}\n", 0, "responses.utter_greet", "至少"),
    ("responses:\n  utter_greet:\n    - 您好\n    - '{name}您好'\n", 3, "responses.utter_greet.1",
     "{name}"),
]  # fmt: skip


def mistakes_of(path: Path) -> tuple[str, ...]:
    with pytest.raises(ProfileInvalid) as caught:
        load_profiles(path)
    return caught.value.mistakes


@pytest.mark.parametrize(("more", "line", "place", "text"), MISTAKES)
def test_a_mistake_names_file_line_and_key(
    tmp_path: Path, more: str, line: int, place: str, text: str
) -> None:
    made = folder(tmp_path, brand=GOOD + more)
    (first, *_) = mistakes_of(made)
    assert first.startswith(f"{made / 'brand.yml'}:{FIRST + line}: {place}: "), first
    assert text in first


def test_origins_are_scheme_host_and_port(tmp_path: Path) -> None:
    listed = [
        "https://shop.example.com",
        "http://localhost:5173",
        "https://[::1]:8443",
        "https://xn--fiq228c.example:80",
        "capacitor://localhost",
    ]
    assert profile(tmp_path, f"origins: {listed}\n").origins == listed


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (GOOD + "brand: 又一家\n", 4, "写了两次：brand"),
        (GOOD + "terms: {订单: 交易, 订单: 单}\n", 4, "写了两次：订单"),
        (GOOD + "hours: [\n", 5, "语法错误"),
        (GOOD + "a: b: c\n", 4, "语法错误"),
        ("brand: 店\n\tgreeting: 您好\n", 2, "语法错误"),
        ("", 1, "应为键值对"),
        ("- 店\n", 1, "应为键值对"),
        ("profile: brand\n", 1, "brand: 缺少这一项"),
    ],
)
def test_what_is_no_proper_yaml_names_the_line_too(
    tmp_path: Path, text: str, line: int, said: str
) -> None:
    made = folder(tmp_path, brand=text)
    found = mistakes_of(made)
    assert found[0].startswith(f"{made / 'brand.yml'}:{line}: ")
    assert said in found[0]


def test_another_encoding_is_named(tmp_path: Path) -> None:
    made = folder(tmp_path)
    (made / "brand.yml").write_bytes(GOOD.encode("gb18030"))
    (found,) = mistakes_of(made)
    assert found.startswith(f"{made / 'brand.yml'}:1: 不是 UTF-8 编码")


def test_the_mistakes_of_all_files_come_at_once(tmp_path: Path) -> None:
    other = GOOD.replace("profile: brand", "profile: other")
    made = folder(tmp_path, brand=GOOD + "a: 1\nb: 2\n", other=other + "c: 3\n")
    found = mistakes_of(made)
    assert [line.removeprefix(f"{made}/").split(": 没")[0] for line in found] == [
        "brand.yml:4: a",
        "brand.yml:5: b",
        "other.yml:4: c",
    ]


def test_a_profile_is_called_like_its_file(tmp_path: Path) -> None:
    (found,) = mistakes_of(folder(tmp_path, other=GOOD))
    assert ":1: profile: brand 应与文件名 other 一致" in found


def test_two_files_cannot_define_one_profile(tmp_path: Path) -> None:
    made = folder(tmp_path, brand=GOOD, copy=GOOD)
    (found,) = mistakes_of(made)
    assert found.startswith(f"{made / 'copy.yml'}:1: profile: ")
    (made / "copy.yml").unlink()
    (made / "brand.yaml").write_text(GOOD, encoding="utf-8")
    (found,) = mistakes_of(made)
    assert f"brand 已在 {made / 'brand.yaml'} 中定义" in found


def test_a_folder_without_profiles_is_a_mistake(tmp_path: Path) -> None:
    assert "没有客服配置文件" in mistakes_of(tmp_path)[0]


def test_an_unknown_profile_is_a_typed_error(tmp_path: Path) -> None:
    profiles = load_profiles(folder(tmp_path, brand=GOOD))
    assert profiles["brand"].brand == "店"
    with pytest.raises(ProfileNotFound):
        profiles["other"]


def test_the_error_begins_with_a_chinese_sentence(tmp_path: Path) -> None:
    with pytest.raises(ProfileInvalid) as caught:
        load_profiles(folder(tmp_path, brand=GOOD + "a: 1\n"))
    first, second = caught.value.detail.splitlines()
    assert first.startswith("客服配置文件有误")
    assert second.endswith("brand.yml:4: a: 没有这一项，请检查拼写")


def test_an_article_may_be_shared_or_the_profiles_own(tmp_path: Path) -> None:
    made = folder(tmp_path, brand=GOOD + "articles: [invoice, warranty]\n")
    own = made.parent / "knowledge" / "brand"
    own.mkdir(parents=True)
    (own.parent / "invoice.md").write_text("#")
    assert [line.split(": ")[1] for line in mistakes_of(made)] == ["articles.1"]
    (own / "warranty.md").write_text("#")
    assert load_profiles(made)["brand"].articles == ["invoice", "warranty"]


def test_policies_are_a_shops_promises(tmp_path: Path) -> None:
    made = folder(tmp_path, brand=GOOD + "policies: {return_days: 30}\n")
    policies = load_profiles(made).policies
    assert policies["brand"].return_days == 30
    assert policies["brand"].exchange_days == 15


def test_the_greeting_speaks_in_the_brands_name(tmp_path: Path) -> None:
    greeting = "greeting: '{brand}的{bot_name}在此'\n"
    text = GOOD.replace("greeting: 您好\n", greeting) + "bot_name: 小店\n"
    made = load_profiles(folder(tmp_path, brand=text))["brand"]
    assert made.greeting_text == "店的小店在此"


def test_what_is_left_out_has_a_sensible_value(tmp_path: Path) -> None:
    plain = profile(tmp_path)
    assert plain.hours_for("complaint") == 24
    assert [group.group for group in plain.groups] == ["agents"]
    assert plain.hours_of(plain.groups[0]).text() == "每天 24 小时"


CHANNEL = "webhook_channel:\n  url: https://shop.example/kefu\n  key_env: KEFU_TEST_CHANNEL_KEY\n"


def test_a_key_that_can_be_guessed_is_told_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEFU_TEST_CHANNEL_KEY", "x" * 31)
    (mistake,) = mistakes_of(folder(tmp_path, brand=GOOD + CHANNEL))
    assert f"brand.yml:{FIRST + 2}: webhook_channel.key_env" in mistake
    assert "至少要有 32 个字符" in mistake
    assert "xxx" not in mistake


def test_without_its_variable_a_channel_is_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = profile(tmp_path, CHANNEL).webhook_channel
    assert channel
    assert (channel.key(), channel.give_up_hours) == (None, 24)
    monkeypatch.setenv("KEFU_TEST_CHANNEL_KEY", "x" * 32)
    assert channel.key() == "x" * 32


def test_two_brands_may_not_share_a_key(tmp_path: Path) -> None:
    other = GOOD.replace("brand\n", "other\n", 1) + CHANNEL
    (mistake,) = mistakes_of(folder(tmp_path, brand=GOOD + CHANNEL, other=other))
    assert f"other.yml:{FIRST + 2}: webhook_channel.key_env" in mistake
    assert "KEFU_TEST_CHANNEL_KEY 已用于" in mistake
