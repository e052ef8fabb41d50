"""The trainers' page over a real desk: every page opens, and messages are labelled by keyboard."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import OpenPage
from tests.browser.stage import COLLEAGUE
from tests.browser.trainer import sign_in, workbench
from tests.browser.trainer_stage import INVOICES, TrainerStage
from tests.trainer_project import git


def test_who_trains_nothing_is_told_whom_to_ask(open_page: OpenPage, bench: TrainerStage) -> None:
    page = open_page(f"{bench.base_url}/trainer")
    sign_in(page, bench.admin_password, COLLEAGUE)
    expect(page.get_by_text("您还没有训练师权限")).to_be_visible()


def test_every_page_shows_its_rows(open_page: OpenPage, bench: TrainerStage) -> None:
    page = workbench(open_page, bench)
    expect(page.get_by_role("heading", name="这句话是什么意思？")).to_be_visible()
    assert violations(page, "body") == []
    # A filter that was looked at keeps no key.
    page.get_by_role("combobox", name="类别").press("Enter")
    page.get_by_role("option", name="全部类别").click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="快捷键")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="快捷键")).to_be_hidden()
    page.get_by_role("link", name="训练对比").click()
    expect(page.get_by_role("cell", name="补充发票的说法")).to_be_visible()
    page.get_by_role("tab", name="模型与上线").click()
    expect(page.get_by_role("heading", name="全部模型")).to_be_visible()
    page.get_by_role("tab", name="对比").click()
    expect(page.get_by_role("cell", name="您好在不在")).to_be_visible()
    expect(page.locator(".past")).to_contain_text("· 管理员 ·")
    assert violations(page, "body") == []
    page.get_by_role("tab", name="改好了").click()
    expect(page.get_by_role("cell", name="专票能开吗")).to_be_visible()
    page.get_by_role("tab", name="图表").click()
    expect(page.get_by_role("img", name="风险覆盖曲线")).to_be_visible()
    page.get_by_role("tab", name="回答的界限").click()
    expect(page.get_by_role("cell", name="每天答错（估计）")).to_be_visible()
    page.get_by_role("tab", name="上线历史").click()
    expect(page.get_by_text("首次上线")).to_be_visible()
    page.get_by_role("link", name="训练数据").click()
    expect(page.get_by_role("heading", name="查订单")).to_be_visible()
    assert violations(page, "body") == []
    for tab, text in (
        ("词典", "待发货"),
        ("话术", "不客气。"),
        ("测试集", "能不能开增值税专用发票"),
    ):
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_text(text).first).to_be_visible()
    page.get_by_role("link", name="观察").click()
    expect(page.get_by_text("机器人解决").first).to_be_visible()
    expect(page.get_by_role("heading", name="新话题")).to_be_visible()
    assert violations(page, "body") == []


def test_a_group_is_labelled_by_keyboard_and_written(
    open_page: OpenPage, bench: TrainerStage
) -> None:
    page = workbench(open_page, bench)
    heading = page.locator("article h2.text")
    expect(heading).to_have_text(INVOICES[-1])
    page.keyboard.press("s")
    expect(heading).to_have_text(INVOICES[1])
    page.keyboard.press("z")
    expect(heading).to_have_text(INVOICES[-1])
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="快捷键")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="快捷键")).to_be_hidden()
    page.keyboard.press("g")
    expect(page.get_by_text("将一起处理 3 条")).to_be_visible()
    page.keyboard.press("1")
    expect(page.get_by_text("3 条已标注为「发票」")).to_be_visible()
    expect(heading).to_have_text("怎么还没到货呀")
    # By the first letters of 打招呼, whatever it may mean.
    page.keyboard.press("/")
    page.get_by_role("combobox", name="查找意图").fill("dzh")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_text("已标注为「打招呼」")).to_be_visible()
    page.keyboard.press("z")
    expect(heading).to_have_text("怎么还没到货呀")
    page.keyboard.press("w")
    dialog = page.get_by_role("dialog", name="写入训练数据")
    expect(dialog.get_by_text(f"+ {INVOICES[0]}")).to_be_visible()
    dialog.get_by_role("button", name="确认写入").click()
    expect(dialog).to_be_hidden()
    assert bench.settings.workspace
    told = git(bench.settings.workspace, "log", "-1", "--format=%an %s")
    assert "从真实消息新增" in told
    assert INVOICES[0] in git(bench.settings.workspace, "show", "HEAD")


def test_utterances_are_checked_as_they_are_typed(open_page: OpenPage, bench: TrainerStage) -> None:
    page = workbench(open_page, bench, "data/utterances/invoice")
    field = page.get_by_label("新例句，一行一句")
    field.fill("开个发票呗")
    expect(page.get_by_text("重复", exact=True)).to_be_visible()
    add = page.get_by_role("button", name="新增", exact=True)
    expect(add).to_be_disabled()
    field.fill("麻烦给公司开张普票")
    expect(add).to_be_enabled()
    add.click()
    expect(page.get_by_text("麻烦给公司开张普票", exact=True)).to_be_visible()


def test_the_threshold_is_set_and_given_back(open_page: OpenPage, bench: TrainerStage) -> None:
    page = workbench(open_page, bench, "runs/threshold")
    expect(page.get_by_role("slider", name="回答的界限")).to_be_visible()
    page.get_by_role("slider", name="回答的界限").press("ArrowLeft")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("训练师在这里设定")).to_be_visible()
    page.get_by_role("button", name="恢复默认").click()
    expect(page.get_by_text("训练师在这里设定")).to_be_hidden()
