"""The workbench's parts, put together once per process."""

from __future__ import annotations

from dataclasses import dataclass

from kefu.conversation import workers
from kefu.profiles import Profiles
from kefu.settings import Settings
from kefu.store.database import Database
from kefu.trainer.checks import Finding
from kefu.trainer.collecting import InboxCollector
from kefu.trainer.mislabels import Mislabels
from kefu.trainer.training_data import TrainingData
from kefu.trainer.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Workbench:
    """What the trainer's routes and commands work with."""

    data: TrainingData
    mislabels: Mislabels
    collector: InboxCollector

    def check_all(self) -> list[Finding]:
        """What is wrong with the whole data, the likely mislabels last."""
        return [*self.data.check_all(), *self.mislabels.findings(self.data.current())]


def open_data(settings: Settings) -> TrainingData:
    """The training data of the workspace."""
    return TrainingData(Workspace(settings.workspace), settings.home / "cache" / "jieba")


def open_workbench(settings: Settings, database: Database, profiles: Profiles) -> Workbench:
    return Workbench(
        data=open_data(settings),
        mislabels=Mislabels(settings),
        collector=InboxCollector(database, profiles, holder=workers.new_name()),
    )
