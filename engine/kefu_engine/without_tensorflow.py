"""Let Rasa be imported where TensorFlow is not installed.

Rasa 3.6 imports TensorFlow in nearly every module, and a pipeline without DIET, TED or a
ResponseSelector calls none of it. ``install`` puts a finder in front of the import system that
answers for the TensorFlow packages with modules whose every attribute is one inert class: good
enough to be subclassed, to decorate a function and to stand in a type annotation, which is all
that happens when Rasa's modules are read.

A component that does need TensorFlow fails with ``TensorFlowMissing`` as soon as it reads a value
out of it, and never computes with a stand-in.

``install_for_serving`` answers in the same way for the parts of Rasa that a turn never enters (chat
platforms, tracker databases, the scheduler, plotting): they take most of the time to start.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

PACKAGES = frozenset(
    {"tensorflow", "keras", "tensorflow_hub", "tensorflow_text", "tensorflow_addons"}
)
_VERSION = "2.12.0"

_CHANNELS = (
    "botframework callback console facebook hangouts mattermost rasa_chat rest rocketchat slack "
    "socketio telegram twilio twilio_voice webexteams"
)
UNUSED_WHEN_SERVING = frozenset(
    {
        *(f"rasa.core.channels.{name}" for name in _CHANNELS.split()),
        "rasa.core.brokers.broker",
        "rasa.core.http_interpreter",
        "rasa.core.jobs",
        "rasa.core.lock_store",
        "rasa.core.tracker_store",
        "rasa.engine.runner.dask",
        "rasa.telemetry",
        "rasa.utils.tensorflow.data_generator",
        "rasa.utils.tensorflow.model_data",
        "rasa.utils.plotting",
    }
)


class TensorFlowMissing(ImportError):
    """A component needs TensorFlow, which the engine runs without."""


def _refuse(*_: object) -> Any:
    raise TensorFlowMissing("this component needs TensorFlow; the engine runs without it")


class _InertMeta(type):
    # Without it, iterating would go through __getitem__ for ever.
    __iter__ = __len__ = _refuse

    def __getattr__(cls, name: str) -> type[Inert]:
        if name.startswith("__"):
            raise AttributeError(name)
        return Inert

    def __getitem__(cls, item: object) -> type[Inert]:
        return Inert

    def __or__(cls, other: object) -> Any:
        return cls

    def __bool__(cls) -> bool:
        return True

    def __ror__(cls, other: object) -> Any:
        return cls


class Inert(metaclass=_InertMeta):
    """Stands where a class, a decorator or a namespace of TensorFlow is named."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is Inert and len(args) == 1 and callable(args[0]) and not kwargs:
            return args[0]
        return object.__new__(cls)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass

    def __init_subclass__(cls, **kwargs: Any) -> None:
        pass

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return args[0] if len(args) == 1 and callable(args[0]) else Inert

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Inert

    __iter__ = __len__ = __float__ = __int__ = __array__ = _refuse


class _InertModule(ModuleType):
    __version__ = _VERSION

    @staticmethod
    def is_tensor(value: object) -> bool:
        """Other libraries ask (matplotlib does, of all it draws); nothing here is one."""
        return False

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Inert


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self) -> None:
        self.modules: frozenset[str] = frozenset()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] not in PACKAGES and fullname not in self.modules:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _InertModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        pass


_finder = _Finder()


def install() -> None:
    """Answer for the TensorFlow packages from now on; a second call changes nothing.

    Raises ``RuntimeError`` where Rasa was imported first: its modules would have failed already
    or hold the real TensorFlow.
    """
    if _finder in sys.meta_path:
        return
    if "rasa" in sys.modules:
        raise RuntimeError("kefu_engine must be imported before rasa")
    sys.meta_path.insert(0, _finder)


def install_for_serving() -> None:
    """Answer also for what a turn never enters; a process that trains must not call this.

    Raises ``RuntimeError`` where Rasa was imported first.
    """
    if "rasa" in sys.modules:
        raise RuntimeError("install_for_serving comes before any import of rasa")
    _finder.modules = UNUSED_WHEN_SERVING
