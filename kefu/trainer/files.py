"""Which files trainers see and change, and what a file must be to be saved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from kefu.errors import KefuError
from kefu.intents import FILE as INTENTS
from kefu.trainer import answers, dictionary, intents
from kefu.trainer.checks import Finding, check_text, refused
from kefu.trainer.corpus import NLU, Corpus
from kefu.trainer.errors import FileFixed, FileInvalid, FileUnknown
from kefu.trainer.examples import Example, ExampleFile, without_markup
from kefu.trainer.normal_form import normal
from kefu.trainer.word_cuts import DICTIONARY, ENTITIES
from kefu.trainer.yaml_lines import YamlText

DOMAIN = "domain.yml"
# A profile is read when the desk starts, the pipeline decides what a model is: for engineers.
FIXED = ("data/profiles", "config.yml")
KINDS: Mapping[str, tuple[str, ...]] = {
    NLU: (".yml",),
    DICTIONARY: (".txt",),
    ENTITIES: (".yml",),
    "data/rules": (".yml",),
    "data/stories": (".yml",),
    "data/knowledge": (".md",),
    "data/profiles": (".yml",),
}
SINGLE = (DOMAIN, INTENTS, "config.yml")
# What a model is trained from, and what Rasa's own users expect in an archive.
EXCHANGED = (NLU, DICTIONARY, ENTITIES, "data/rules", "data/stories", INTENTS, DOMAIN)


def require_shown(name: str) -> None:
    """Raises ``FileUnknown`` for a file that is none of the trainer's."""
    known = name in SINGLE or any(
        name.startswith(f"{folder}/") and name.endswith(endings)
        for folder, endings in KINDS.items()
    )
    if not known:
        raise FileUnknown("not a file of the workbench")


def is_fixed(name: str) -> bool:
    return name.startswith(FIXED)


def require_changeable(name: str) -> None:
    """Raises ``FileUnknown`` or ``FileFixed``."""
    require_shown(name)
    if is_fixed(name):
        raise FileFixed(f"{name} is changed by engineers")


def shown(folder: Path) -> Iterator[str]:
    """The files there are, in order."""
    for parent, endings in KINDS.items():
        for path in sorted((folder / parent).rglob("*")):
            hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
            if path.is_file() and path.suffix in endings and not hidden:
                yield path.relative_to(folder).as_posix()
    yield from (name for name in SINGLE if (folder / name).is_file())


def require_valid(name: str, text: str, domain: str) -> None:
    """Raises ``FileInvalid`` for a text that training or the desk could not read."""
    if "\0" in text:
        raise FileInvalid("a NUL character", title="文件里有不能保存的控制字符。")
    if name.startswith(DICTIONARY):
        for word in dictionary.words(text):
            dictionary.require_word(word)
    elif name.startswith(NLU):
        _require_known_intents(ExampleFile(text), domain)
    elif name == INTENTS:
        intents.read(text)
    elif name == DOMAIN:
        _require_domain(text)
    elif name.endswith(".yml"):
        YamlText(text)


def _require_known_intents(file: ExampleFile, domain: str) -> None:
    known = set(answers.intents_of(domain))
    for block in file.blocks:
        if block.intent not in known:
            raise FileInvalid(
                f"intent {block.intent} is not in the domain",
                title=f"第 {block.first + 1} 行：意图 {block.intent} 没有在 domain.yml 中登记。",
            )


def _require_domain(text: str) -> None:
    missing = [name for name in ("intents", "responses") if name not in YamlText(text).value()]
    if missing:
        raise FileInvalid(f"no {missing[0]}", title=f"domain.yml 缺少 {missing[0]}。")


def spoiling(corpus: Corpus, texts: Mapping[str, str], present: Mapping[str, str]) -> list[Finding]:
    """What the utterances that new texts of files bring would spoil; ``present``: the old texts."""
    before: Counter[tuple[str, str]] = Counter()
    after: Counter[tuple[str, str]] = Counter()
    for name, text in texts.items():
        if name.startswith(NLU):
            after += Counter((e.intent, e.text) for e in ExampleFile(text).examples)
            before += Counter((e.intent, e.text) for e in _examples(present.get(name)))
    gone, new = before - after, after - before
    instead_of = {
        each.number
        for each in corpus.utterances()
        if each.file in texts and (each.intent, each.text) in gone
    }
    found: list[Finding] = []
    seen: dict[str, str] = {}
    for (intent, text), times in new.items():
        form = normal(without_markup(text))
        if times > 1 or form in seen:
            hint = "同一句话在这次修改中出现了两次。"
            found.append(Finding("duplicate", text, intent=intent, other=text, hint=hint))
        seen[form] = intent
        found += refused(check_text(corpus, None, text, intent, instead_of=instead_of))
    return found


def _examples(text: str | None) -> list[Example]:
    try:
        return ExampleFile(text).examples if text is not None else []
    except KefuError:
        return []
