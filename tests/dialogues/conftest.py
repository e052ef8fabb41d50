"""Each conversation of the YAML files is one test; they run at the same time, a few at once."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.dialogues.format import FOLDER, Script, read_file
from tests.dialogues.running import ConversationFailed, Job, Runner
from tests.dialogues.services import load_catalogue

LONGEST = 600
_RUNNER = pytest.StashKey[Runner]()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.suffix == ".yml" and file_path.parent.parent == FOLDER:
        return ConversationFile.from_parent(parent, path=file_path)
    return None


class ConversationFile(pytest.File):
    def collect(self) -> Iterable[pytest.Item]:
        catalogue = load_catalogue()
        for script in read_file(self.path, catalogue):
            for kind in kinds_of(script):
                suffix = "" if kind == script.conversation.world else f" [{kind}]"
                yield ConversationItem.from_parent(
                    self,
                    name=f"{script.conversation.name}{suffix}",
                    job=Job(script, kind),
                )


def kinds_of(script: Script) -> list[str]:
    """On what it runs: what changes something in the shop does so over HTTP as well."""
    conversation = script.conversation
    over_http = conversation.world == "usual" and conversation.writes
    return [conversation.world, *(["http"] if over_http else [])]


class ConversationItem(pytest.Item):
    """One conversation; the first to be run starts all that were chosen."""

    def __init__(self, *, job: Job, **more: Any) -> None:
        super().__init__(**more)
        self.job = job
        self.add_marker(pytest.mark.timeout(LONGEST))

    def runtest(self) -> None:
        runner_of(self.session).start()
        self.job.outcome.result()

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        if isinstance(excinfo.value, ConversationFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.job.script.line - 1, self.name


def runner_of(session: pytest.Session) -> Runner:
    runner = session.stash.get(_RUNNER, None)
    if runner is None:
        jobs = [item.job for item in session.items if isinstance(item, ConversationItem)]
        factory = session.config._tmp_path_factory  # type: ignore[attr-defined]
        runner = session.stash[_RUNNER] = Runner(jobs, factory.mktemp("conversations"))
    return runner


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    runner = session.stash.get(_RUNNER, None)
    if runner:
        runner.stop()
