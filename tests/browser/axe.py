"""What axe-core finds wrong with a page for those who cannot see or point."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.browser.stage import ROOT

SCRIPT = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The page around the chat is the shop's.
_RUN = """async ([tags, where]) => {
  const parts = [...document.querySelectorAll(where)]
  const found = await axe.run({ include: parts }, { runOnly: { type: 'tag', values: tags } })
  return found.violations.map(({ id, impact, nodes }) => ({
    id, impact, nodes: nodes.map((node) => `${node.html} ${node.failureSummary}`),
  }))
}"""


def violations(page: Page, where: str = "kefu-chat") -> list[dict[str, Any]]:
    """What the parts of a page break of WCAG 2.2 AA, and of what else is good practice."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(SCRIPT.read_text(encoding="utf-8"))
    return page.evaluate(_RUN, [RULES, where])
