"""The trainers' page over a real desk: what several people do to the same data, and what is new."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from kefu.trainer.data_files import DataFiles
from kefu.trainer.git import Author
from kefu.trainer.training_data import TrainingData
from kefu.trainer.utterances import Utterances
from tests.browser.axe import violations
from tests.browser.conftest import OpenPage
from tests.browser.trainer import confirm, workbench
from tests.browser.trainer_stage import OTHERS, SECOND_TRAINER, TrainerStage
from tests.trainer_project import git

COLLEAGUE = Author("周琳", SECOND_TRAINER)
ORDERS = "data/nlu/orders.yml"


def data_of(bench: TrainerStage) -> TrainingData:
    assert bench.desk
    return bench.desk.runtime.workbench.data


def project(bench: TrainerStage) -> Path:
    return bench.settings.workspace


@pytest.fixture
def two_person(bench: TrainerStage) -> Iterator[None]:
    """The demo shop asks for a second pair of eyes."""
    assert bench.desk
    demo = bench.desk.runtime.profiles["demo"]
    own = demo.trainer
    object.__setattr__(demo, "trainer", own.model_copy(update={"two_person": True}))
    yield
    object.__setattr__(demo, "trainer", own)


def edit(page: Page, old: str, new: str) -> None:
    page.get_by_role("button", name=f"修改：{old}", exact=True).click()
    page.get_by_role("textbox", name="例句", exact=True).fill(new)


def save_conflicting(page: Page, bench: TrainerStage, old: str, new: str, theirs: str) -> None:
    """Edit an utterance that a colleague changes before it is saved."""
    edit(page, old, new)
    place = {"file": ORDERS, "intent": "order_status", "text": old}
    Utterances(data_of(bench)).change(place, theirs, COLLEAGUE, base=None)
    page.get_by_role("button", name="保存", exact=True).click()
    dialog = page.get_by_role("dialog", name="别人刚改过同一处")
    expect(dialog.get_by_role("region", name="对方的修改")).to_contain_text(theirs)
    expect(dialog.locator(".mine")).to_have_text(f"「{old}」改为「{new}」")
    assert git(project(bench), "log", "-1", "--format=%an").strip() == COLLEAGUE.name


def utterances(bench: TrainerStage) -> list[str]:
    found = data_of(bench).current().utterances()
    return [each.text for each in found if each.intent == "order_status"]


def test_a_conflict_is_settled_in_the_page(open_page: OpenPage, bench: TrainerStage) -> None:
    page = workbench(open_page, bench, "data/utterances/order_status")
    save_conflicting(page, bench, "查单", "给我查下单子", "帮我看看买的东西")
    dialog = page.get_by_role("dialog", name="别人刚改过同一处")
    save = dialog.get_by_role("button", name="按所选的保存")
    expect(save).to_be_disabled()
    dialog.get_by_label("两个都要").check()
    expect(dialog.get_by_role("region", name="将要保存的改动")).to_contain_text("给我查下单子")
    assert violations(page, "[role=dialog]") == []
    save.click()
    expect(dialog).to_be_hidden()
    assert {"帮我看看买的东西", "给我查下单子"} <= set(utterances(bench))
    expect(page.get_by_text("给我查下单子", exact=True)).to_be_visible()

    save_conflicting(page, bench, "给我查下单子", "订单在哪查", "想知道单子咋样了")
    dialog.get_by_label("用我的").check()
    dialog.get_by_role("button", name="按所选的保存").click()
    expect(dialog).to_be_hidden()
    assert "订单在哪查" in utterances(bench)
    assert "想知道单子咋样了" not in utterances(bench)

    save_conflicting(page, bench, "订单在哪查", "我买的那单呢", "看下我的单")
    dialog.get_by_label("用对方的").check()
    expect(dialog.get_by_text("没有不同。")).to_be_visible()
    dialog.get_by_role("button", name="放弃我的修改，看最新的").click()
    expect(page.get_by_text("看下我的单", exact=True)).to_be_visible()
    assert git(project(bench), "log", "-1", "--format=%an").strip() == COLLEAGUE.name


def test_two_changes_at_different_places_are_merged(
    open_page: OpenPage, bench: TrainerStage
) -> None:
    page = workbench(open_page, bench, "data/responses")
    page.get_by_role("button", name="修改 utter_greet 的第 2 种说法").click()
    page.get_by_label("utter_greet 的说法").fill("您好呀！")

    def thank(domain: str) -> str:
        return domain.replace("不客气。", "不用谢。")

    DataFiles(data_of(bench)).edit("domain.yml", thank, "话术：utter_thanks", COLLEAGUE)
    page.get_by_role("button", name="保存", exact=True).click()
    dialog = page.get_by_role("dialog", name="别人刚改过同一处")
    expect(dialog.get_by_role("region", name="对方的修改")).to_contain_text("不用谢。")
    expect(dialog.get_by_role("region", name="将要保存的改动")).to_contain_text("您好呀！")
    dialog.get_by_role("button", name="保存合并的结果").click()
    expect(dialog).to_be_hidden()
    domain = data_of(bench).workspace.read("domain.yml")
    assert "您好呀！" in domain
    assert "不用谢。" in domain
    DataFiles(data_of(bench)).edit(
        "domain.yml", lambda text: text.replace("不用谢。", "不客气。"), "话术", COLLEAGUE
    )


def test_a_new_intent_is_made_without_an_engineer(open_page: OpenPage, bench: TrainerStage) -> None:
    page = workbench(open_page, bench, "data/utterances")
    page.get_by_role("button", name="新建意图").click()
    dialog = page.get_by_role("dialog", name="新建意图")
    dialog.get_by_role("textbox", name="中文名").fill("以旧换新")
    dialog.get_by_role("textbox", name="名称").fill("Trade In")
    dialog.get_by_text("与哪些意图放在一起").click()
    page.get_by_role("option", name="发票").click()
    lines = [
        "旧手机能抵多少钱",
        "以旧换新怎么弄",
        "旧的拿来换新的行吗",
        "旧冰箱你们收吗",
        "开个发票呗",
    ]
    dialog.get_by_role("textbox", name="例句，一行一句").fill("\n".join(lines))
    expect(dialog.get_by_text("两个意图", exact=True)).to_be_visible()
    make = dialog.get_by_role("button", name="新建", exact=True)
    expect(make).to_be_disabled()
    lines[-1] = "旧机回收不"
    dialog.get_by_role("textbox", name="例句，一行一句").fill("\n".join(lines))
    dialog.get_by_role("textbox", name="回复").fill("旧机可以抵扣，下单时勾选「以旧换新」。")
    assert violations(page, "[role=dialog]") == []
    make.click()
    expect(page.get_by_text("名称请用小写英文单词")).to_be_visible()
    dialog.get_by_role("textbox", name="名称").fill("trade_in")
    make.click()
    expect(dialog.get_by_text("已新建，作为一次提交保存。")).to_be_visible()
    expect(dialog.get_by_text("不需要请工程师。")).to_be_visible()
    dialog.get_by_role("button", name="知道了").click()
    expect(page.get_by_role("heading", name="以旧换新")).to_be_visible()
    expect(page.get_by_text("旧机回收不", exact=True)).to_be_visible()
    shown = git(project(bench), "show", "--format=%an", "--name-only", "HEAD").split()
    assert shown[1:] == [
        "data/intents.yml", "data/nlu/service.yml", "data/rules/all.yml", "domain.yml"
    ]  # fmt: skip
    page.get_by_role("button", name="改名：以旧换新").click()
    rename = page.get_by_role("dialog", name="改中文名")
    rename.get_by_role("textbox").fill("旧机回收")
    rename.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", name="旧机回收")).to_be_visible()


def test_a_file_is_saved_whole_and_a_faulty_article_is_not(
    open_page: OpenPage, bench: TrainerStage
) -> None:
    page = workbench(open_page, bench, "data/files")
    page.get_by_role("button", name="demo.yml 只读").click()
    text = page.get_by_role("textbox", name="文件内容")
    expect(text).to_have_attribute("readonly", "")
    page.get_by_role("button", name="新建帮助文章").click()
    begin = page.get_by_role("dialog", name="新建帮助文章")
    begin.get_by_role("textbox").fill("old-phones")
    begin.get_by_role("button", name="开始写").click()
    article = "---\ntitle: 旧机回收\ntopic: 服务\nintents: [planet]\n---\n旧机可以抵扣货款。\n"
    expect(begin).to_be_hidden()
    text.fill(article)
    assert violations(page, "body") == []
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("没有名为 planet 的意图")).to_be_visible()
    # What is written is not lost by a look elsewhere.
    page.get_by_role("tab", name="词典").click()
    page.get_by_role("button", name="继续编辑").click()
    text.fill(article.replace("planet", "invoice"))
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("已保存，几秒钟后生效。")).to_be_visible()
    assert (project(bench) / "data/knowledge/old-phones.md").is_file()
    page.get_by_role("tab", name="词典").click()
    page.get_by_role("button", name="给「圆通」加一种叫法").click()
    page.get_by_role("textbox", name="「圆通」的另一种叫法").fill("圆通速递")
    page.get_by_role("button", name="加入", exact=True).last.click()
    expect(page.get_by_text("圆通速递", exact=True)).to_be_visible()
    assert "圆通: [圆通, 圆通速递]" in data_of(bench).workspace.read("data/entities/couriers.yml")


def test_a_faulty_file_is_not_imported(open_page: OpenPage, bench: TrainerStage) -> None:
    page = workbench(open_page, bench, "data/exchange")

    def bring_in(text: str) -> None:
        file = {"name": "new.yml", "mimeType": "application/yaml", "buffer": text.encode()}
        page.locator("#import").set_input_files(file)

    head = 'version: "3.1"\nnlu:\n- intent: invoice\n  examples: |\n'
    bring_in(head + "    - 好好的一句\n  - : [\n")
    expect(page.get_by_text("不是正确的 YAML 写法")).to_be_visible()
    bring_in(head + "    - 专票普票有啥不同\n    - hello\n")
    expect(page.get_by_text("有内容不能写入")).to_be_visible()
    expect(page.get_by_text("两个意图", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="确认导入")).to_have_count(0)
    before = git(project(bench), "rev-parse", "HEAD")
    bring_in(head + "    - 专票普票有啥不同\n")
    expect(page.get_by_role("region", name="data/nlu/service.yml 的改动")).to_contain_text(
        "专票普票有啥不同"
    )
    assert git(project(bench), "rev-parse", "HEAD") == before
    page.get_by_role("button", name="确认导入").click()
    expect(page.get_by_text("已导入，作为一次提交保存。")).to_be_visible()
    assert "+    - 专票普票有啥不同" in git(project(bench), "show", "HEAD")


def test_a_second_person_approves(
    open_page: OpenPage, bench: TrainerStage, two_person: None
) -> None:
    text = OTHERS[1][0]
    page = workbench(open_page, bench)
    page.get_by_role("textbox", name="搜索消息").fill(text)
    expect(page.locator("article h2.text")).to_have_text(text)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="超出范围").click()
    page.get_by_role("button", name="写入训练数据").click()
    dialog = page.get_by_role("dialog", name="写入训练数据")
    expect(dialog.get_by_text("没有可以写入的消息")).to_be_visible()
    dialog.get_by_role("button", name="取消").click()

    second = workbench(open_page, bench, username=SECOND_TRAINER)
    second.get_by_role("button", name="已标注").click()
    expect(second.locator("article h2.text")).to_have_text(text)
    second.keyboard.press("a")
    expect(second.get_by_text("周琳 已复核")).to_be_visible()
    second.keyboard.press("w")
    expect(second.get_by_text(f"+ {text}")).to_be_visible()
    confirm(second, "写入训练数据", "确认写入")
    assert f"+    - {text}" in git(project(bench), "show", "HEAD")
