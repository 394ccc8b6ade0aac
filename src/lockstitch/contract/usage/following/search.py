"""The search itself: in which order a front end is followed."""

from typing import Final

from lockstitch.contract.document import Document
from lockstitch.contract.usage.contract import Contract
from lockstitch.contract.usage.following.engine import Engine
from lockstitch.contract.usage.following.evaluation import evaluate, perform
from lockstitch.contract.usage.following.natives.library import LIBRARY
from lockstitch.contract.usage.following.objects import instantiate
from lockstitch.contract.usage.following.values import Closure, Frame
from lockstitch.contract.usage.front_end import FrontEnd
from lockstitch.contract.usage.syntax import NamePattern

_MAXIMUM_ROUNDS: Final = 40
# What a framework calls: nothing in the sources does.
_ENTRIES: Final = ("page.", "layout.", "template.", "route.", "App.", "main.", "index.", "loading.")


def search(front_end: FrontEnd, document: Document) -> Engine:
    """Follow all values of a front end.

    First the modules alone, so that clients are configured before anything is asked of them; then
    what the modules do; then, group by group, the functions that nobody was seen to call.
    """
    engine = Engine(front_end, Contract(document), perform, evaluate, LIBRARY)
    for name, source in front_end.sources.items():
        if not source.generated:
            engine.load(name)
    engine.drain()
    engine.requesting = True
    engine.restart_all()
    engine.drain()
    for _ in range(_MAXIMUM_ROUNDS):
        group = _next_group(engine)
        if not group and not _make_objects(engine):
            break
        for closure in group:
            engine.summary(closure, []).typed = True
        engine.drain()
    return engine


def _next_group(engine: Engine) -> list[Closure]:
    """Return functions that nobody has called, those that a framework calls before all others."""
    waiting = [
        closure
        for closure in engine.closures
        if closure not in engine.summaries and not _is_generated(engine, closure.frame)
    ]
    ranked = {closure: _rank(closure) for closure in waiting}
    first = min(ranked.values(), default=0)
    return [closure for closure in waiting if ranked[closure] == first]


def _is_generated(engine: Engine, frame: Frame) -> bool:
    return engine.front_end.sources[frame.function.file].generated


def _rank(closure: Closure) -> int:
    function = closure.function
    name = function.file.rsplit("/", 1)[-1]
    if function.outer is not None and function.outer.outer is not None:
        return 1
    if name.startswith(_ENTRIES) or "pages/" in function.file:
        return 0
    if not function.parameters:
        return 2
    named = all(isinstance(one.pattern, NamePattern) for one in function.parameters)
    return 4 if named else 3


def _make_objects(engine: Engine) -> bool:
    """Make an object of each class that nobody has made one of."""
    waiting = [
        atom
        for atom in engine.classes
        if atom not in engine.made and not _is_generated(engine, atom.frame)
    ]
    for atom in waiting:
        instantiate(engine, atom, [], atom.frame, (0, 0), atom)
    return bool(waiting)
