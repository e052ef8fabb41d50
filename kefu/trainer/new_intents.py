"""A new intent: its name and title, its first utterances, and what the bot answers; one commit."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from kefu.intents import FILE as TITLES
from kefu.trainer import answers, files, intents, rules
from kefu.trainer.corpus import NLU
from kefu.trainer.errors import FileUnknown, IntentRefused
from kefu.trainer.examples import ExampleFile, one_line
from kefu.trainer.git import Author
from kefu.trainer.labelling import NEW_INTENT
from kefu.trainer.reading import FALLBACK
from kefu.trainer.training_data import TrainingData
from kefu.trainer.workspace import Plan, Saved
from kefu.trainer.yaml_lines import YamlText

FEWEST = 5
KNOWLEDGE = "data/knowledge"
HANDOFF = "action_handoff"
QUOTE_ARTICLE = "action_article"
# Rasa's own, the engine's, and what is no intent.
RESERVED = frozenset({"restart", "back", "session_start", FALLBACK, NEW_INTENT})
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LONGEST_NAME = 40
_TITLE = re.compile(r"[\w/·（）()、]*[\u4e00-\u9fff][\w/·（）()、]*")
_LONGEST_TITLE = 12
_PLACEHOLDER = re.compile(r"\{(?!brand\}|bot_name\})")
_FRONT = re.compile(r"---\n(?P<matter>.*?\n)---", re.DOTALL)

Kind = Literal["text", "article", "handoff", "program"]


@dataclass(frozen=True, slots=True)
class NewIntent:
    """``file``: the topic's file in ``data/nlu``. ``kind``: the bot says ``text``, quotes the help
    article ``article`` (a path), calls a person, or does so until an engineer has written a
    ``program``."""

    name: str
    title: str
    file: str
    texts: tuple[str, ...]
    kind: Kind
    text: str = ""
    article: str = ""

    @property
    def action(self) -> str:
        return {"text": f"utter_{self.name}", "article": QUOTE_ARTICLE}.get(self.kind, HANDOFF)


def create(data: TrainingData, new: NewIntent, author: Author, *, hand: str) -> Saved:
    """Write all that the intent takes. Raises ``IntentRefused``, ``DataRefused``, ``FileUnknown``
    or what a save raises."""

    def make() -> Plan:
        domain = data.workspace.read(files.DOMAIN)
        _check(data, new, domain)
        texts = {files.DOMAIN: _declared(data, new, domain)}
        utterances = [text for text in map(one_line, new.texts) if text]
        nlu = ExampleFile(data.workspace.read(new.file))
        texts[new.file] = nlu.begun(new.name, hand, utterances)
        texts[TITLES] = intents.with_title(_titles(data), new.name, new.title)
        place = rules_file(data, new.file)
        texts[place] = rules.with_rule(data.workspace.read(place), new.name, new.action)
        if new.kind == "article":
            article = data.workspace.read(new.article)
            texts[new.article] = _meant(article, new.name)
        data.require_fit(texts)
        lines = [f"- {text}" for text in utterances[:50]]
        summary = f"新建意图：{new.title}（{new.name}），{len(utterances)} 条例句"
        return Plan(texts, "\n".join([summary, "", *lines]))

    return data.save(make, author)


def rename(data: TrainingData, intent: str, title: str, author: Author) -> Saved:
    """Give an intent another Chinese title. Raises ``IntentRefused``, ``LabelUnknown`` or what a
    save raises."""

    def make() -> Plan:
        data.require_intent(intent)
        before = data.corpus.title_of(intent)
        if title != before:
            _require_title(data, title)
        text = intents.with_title(_titles(data), intent, title)
        return Plan({TITLES: text}, f"意图改名：{before} → {title}（{intent}）")

    return data.save(make, author)


def for_engineers(new: NewIntent) -> list[str]:
    """What takes an engineer, word for word: the page shows it."""
    if new.kind != "program":
        return []
    return [
        f"要查数据、办业务的回答得写程序：请工程师在 actions/ 中写一个 action_{new.name}，"
        "登记到 actions/registry.py 和 domain.yml 的 actions，"
        f"再把规则 {new.name} 里的 {HANDOFF} 换成它。在此之前，这类问题转人工。"
    ]


def topics(data: TrainingData) -> list[dict[str, object]]:
    """The files that an intent may go to, with the titles of those that are there."""
    corpus = data.current()
    places: dict[str, list[str]] = {}
    for each in corpus.utterances():
        named = places.setdefault(each.file, [])
        title = corpus.title_of(each.intent)
        if title not in named:
            named.append(title)
    return [{"file": file, "titles": named} for file, named in places.items()]


def articles(data: TrainingData) -> list[dict[str, str]]:
    """The help articles by path, with their titles."""
    names = [n for n in files.shown(data.workspace.folder) if n.startswith(f"{KNOWLEDGE}/")]
    found: list[dict[str, str]] = []
    for name in names:
        front = _FRONT.match(data.workspace.read(name))
        if front:
            title = YamlText(front["matter"]).value().get("title", name)
            found.append({"file": name, "title": str(title)})
    return found


def rules_file(data: TrainingData, topic: str) -> str:
    """Where the rules of a topic's intents stand: the file that has most of them."""
    of_topic = {each.intent for each in data.current().utterances() if each.file == topic}
    counted = Counter(
        {
            name: len(rules.intents_in(data.workspace.read(name)) & of_topic)
            for name in files.shown(data.workspace.folder)
            if name.startswith(f"{rules.RULES}/")
        }
    )
    if not counted:
        raise FileUnknown("no rules", title="项目里没有规则文件（data/rules），请联系工程师。")
    return counted.most_common(1)[0][0]


def _check(data: TrainingData, new: NewIntent, domain: str) -> None:
    declared = set(answers.intents_of(domain))
    if not _NAME.fullmatch(new.name) or len(new.name) > _LONGEST_NAME:
        raise IntentRefused(
            "a name that is no snake case",
            title="名称请用小写英文单词，以下划线相连，例如 trade_in，不超过 40 个字符。",
        )
    if new.name in declared | RESERVED:
        raise IntentRefused("the name is taken", title=f"已经有名为 {new.name} 的意图，请换一个。")
    if f"utter_{new.name}" in answers.responses_of(domain):
        raise IntentRefused(
            "the response is taken", title=f"已经有名为 utter_{new.name} 的话术，请换一个名称。"
        )
    _require_title(data, new.title)
    if not new.file.startswith(f"{NLU}/") or new.file not in {
        each.file for each in data.current().utterances()
    }:
        raise FileUnknown(f"no topic {new.file}")
    if len({text for text in map(one_line, new.texts) if text}) < FEWEST:
        raise IntentRefused("too few utterances", title=f"请至少写 {FEWEST} 句不同的例句。")
    if new.kind == "text" and _PLACEHOLDER.search(new.text):
        raise IntentRefused(
            "an unknown placeholder",
            title="回复里的花括号只能是 {brand}（品牌）或 {bot_name}（机器人）。",
        )
    if new.kind == "article" and new.article not in {one["file"] for one in articles(data)}:
        raise FileUnknown(f"no article {new.article}", title="没有这篇帮助文章，请重新选择。")


def _require_title(data: TrainingData, title: str) -> None:
    if not _TITLE.fullmatch(title) or len(title) > _LONGEST_TITLE:
        raise IntentRefused(
            "no Chinese title",
            title=f"中文名请用不超过 {_LONGEST_TITLE} 个字的中文，例如：以旧换新。",
        )
    if title in data.current().intents().titles.values():
        raise IntentRefused("the title is taken", title=f"已经有叫「{title}」的意图。")


def _declared(data: TrainingData, new: NewIntent, domain: str) -> str:
    """The domain with the intent behind the last that has utterances, and with its response."""
    trained = {each.intent for each in data.current().utterances()}
    last = [name for name in answers.intents_of(domain) if name in trained][-1]
    domain = answers.with_intent(domain, new.name, last)
    return answers.with_new_response(domain, new.action, new.text) if new.kind == "text" else domain


def _meant(article: str, intent: str) -> str:
    """The article with the intent among those that it answers."""
    front = _FRONT.match(article)
    if front is None:
        raise FileUnknown("no front matter")
    matter = YamlText(front["matter"])
    if "intents" in matter.value():
        changed = matter.with_item(("intents",), intent)
    else:
        changed = f"{front['matter']}intents: [{intent}]\n"
    return article.replace(front["matter"], changed, 1)


def _titles(data: TrainingData) -> str:
    """The file of titles; empty where the project has none yet."""
    return data.present([TITLES]).get(TITLES, "")
