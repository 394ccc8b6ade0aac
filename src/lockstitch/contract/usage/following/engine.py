"""The machine that follows values: cells, runs of functions, and the list of what to run again.

A function is summarised once for each set of arguments that matter: paths, answers, clients and
functions. What a run has read is remembered, and it runs again when that has grown. Values only
grow and are bounded in number and depth, so this ends.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from lockstitch.contract.usage.calls import Spot
from lockstitch.contract.usage.contract import Contract
from lockstitch.contract.usage.following.essence import bounded, essence
from lockstitch.contract.usage.following.trace import Trace
from lockstitch.contract.usage.following.values import (
    NOTHING,
    Atom,
    Cell,
    ClassValue,
    Client,
    Closure,
    External,
    Frame,
    Namespace,
    Record,
    Site,
    Value,
    one,
)
from lockstitch.contract.usage.front_end import FrontEnd
from lockstitch.contract.usage.syntax import (
    Declaration,
    Expression,
    Function,
    Imported,
    Point,
    Type,
)
from lockstitch.contract.usage.urls import Router

# Beyond these, values are joined or dropped; `Usage.unfinished` names the functions.
MAXIMUM_ATOMS: Final = 48
MAXIMUM_OBJECTS: Final = 12
MAXIMUM_SUMMARIES: Final = 160
MAXIMUM_REPEATS: Final = 200
RUNS_PER_SOURCE: Final = 60
LEAST_RUNS: Final = 4_000
_MAXIMUM_REEXPORTS: Final = 12
_MAXIMUM_FROM_ONE_CALL: Final = 6


@dataclass(eq=False, slots=True)
class Run:
    """A function with a set of arguments. `typed`: nothing but their types is known of them.

    `chain` holds the runs on the way that first led here.
    """

    frame: Frame
    arguments: list[Cell] = field(default_factory=list)
    result: Cell = field(default_factory=Cell)
    chain: "Mapping[Function, Run]" = field(default_factory=dict)
    queued: bool = False
    typed: bool = False
    count: int = 0


# Clients that packages export ready-made, and that some frameworks make global.
_READY_MADE: Final[Mapping[tuple[str, str], str]] = {
    ("axios", "default"): "axios",
    ("axios", "axios"): "axios",
    ("", "axios"): "axios",
    ("ky", "default"): "ky",
    ("ky-universal", "default"): "ky",
    ("ofetch", "ofetch"): "ofetch",
    ("ofetch", "$fetch"): "ofetch",
    ("", "$fetch"): "ofetch",
}

Handler = Callable[["Invocation"], Value]


@dataclass(frozen=True, slots=True)
class Library:
    """What the platform and libraries do, by the names of their functions.

    `functions` are by name, or by `package:name`; `methods` by the class of what has them;
    `clients` by the kind of the client; `natives` are functions that libraries return.
    """

    functions: Mapping[str, Handler]
    methods: Mapping[type, Handler]
    clients: Mapping[str, Handler]
    natives: Mapping[str, Handler]


@dataclass(eq=False, slots=True)
class Invocation:
    """A call with its arguments. `target` is what is called, or whose method `name` is called."""

    engine: "Engine"
    frame: Frame
    node: object
    at: Point
    arguments: list[Value]
    target: Atom
    name: str = ""
    failing: bool = False
    types: tuple[Type, ...] = ()

    def argument(self, position: int) -> Value:
        """Return an argument, nothing where it was not given."""
        return self.arguments[position] if position < len(self.arguments) else NOTHING


@dataclass(eq=False)
class Engine:
    """The state of one search. `perform` evaluates the body of a function."""

    front_end: FrontEnd
    contract: Contract
    perform: "Callable[[Engine, Run], None]"
    evaluate: "Callable[[Engine, Expression, Frame], Value]"
    library: "Library"
    trace: Trace = field(default_factory=Trace)
    requesting: bool = False
    stack: list[Run] = field(default_factory=list)
    current: Run | None = None
    runs: int = 0
    modules: dict[str, Frame] = field(default_factory=dict)
    summaries: dict[object, dict[object, Run]] = field(default_factory=dict)
    closures: dict[Closure, None] = field(default_factory=dict)
    classes: dict[ClassValue, None] = field(default_factory=dict)
    led_to: dict[tuple[Run | None, Point | None, Closure], list[Run]] = field(default_factory=dict)
    parents: dict[Function, ClassValue] = field(default_factory=dict)
    made: set[ClassValue] = field(default_factory=set)
    known: dict[Run, None] = field(default_factory=dict)
    channels: dict[Declaration, Cell] = field(default_factory=dict)
    unfinished: dict[Function, None] = field(default_factory=dict)
    shared: dict[str, Record] = field(default_factory=dict)
    router: Router = field(init=False)
    words: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.router = Router(self.contract.document)
        self.words = self.router.words()

    @cached_property
    def configures_swr(self) -> bool:
        """Whether some element gives SWR a fetcher for all keys."""
        codes = (source.code for source in self.front_end.sources.values())
        return any(b"<SWRConfig" in code and b"fetcher" in code for code in codes)

    # Cells

    def read(self, cell: Cell) -> Value:
        """Return what a cell holds; who reads it runs again when that grows."""
        if self.current is not None:
            cell.readers.setdefault(self.current, None)
        return cell.value

    def write(self, cell: Cell, value: Value) -> None:
        """Let a value flow into a cell."""
        if value <= cell.value:
            return
        grown = cell.value | bounded(value)
        objects = sum(isinstance(atom, Record) for atom in grown)
        if objects > MAXIMUM_OBJECTS:
            grown = cell.value | {atom for atom in grown if not isinstance(atom, Record)}
        if len(grown) == len(cell.value) or len(grown) > MAXIMUM_ATOMS:
            return
        cell.value = grown
        for reader in cell.readers:
            if isinstance(reader, Run):
                self.queue(reader)

    def queue(self, run: Run) -> None:
        """Have a function run, or run again."""
        if not run.queued:
            self.known.setdefault(run, None)
            run.queued = True
            self.stack.append(run)

    def drain(self) -> None:
        """Run what is to be run, until nothing grows any more."""
        most = LEAST_RUNS + RUNS_PER_SOURCE * len(self.front_end.sources)
        while self.stack:
            run = self.stack.pop()
            run.queued = False
            self.runs += 1
            run.count += 1
            if run.count > MAXIMUM_REPEATS or self.runs > most:
                self.unfinished[run.frame.function] = None
                continue
            self.current = run
            self.perform(self, run)
            self.current = None

    def restart_all(self) -> None:
        """Have everything run again that has run so far."""
        for run in list(self.known):
            self.queue(run)

    # Functions

    def summary(
        self,
        closure: Closure,
        arguments: list[Value],
        *,
        at: Point | None = None,
        entry: Site | None = None,
        by_name: bool = False,
    ) -> Run:
        """Return the run of a function for arguments like these, made where there is none.

        `by_name`: the arguments are the attributes of an element, whose handlers tell no two
        elements apart.
        """
        known = self.summaries.setdefault(closure, {})
        key = (tuple(essence(one, functions=not by_name) for one in arguments), entry)
        chain = self.current.chain if self.current is not None else {}
        again = chain.get(closure.function)
        if key not in known and again is not None:
            # A function that calls itself makes ever new values: they join those that it has.
            known[key] = again
        from_here = self.led_to.setdefault((self.current, at, closure), [])
        if key not in known and len(from_here) >= _MAXIMUM_FROM_ONE_CALL:
            # The arguments of one call only grow, and this call has been followed often enough.
            known[key] = from_here[-1]
        if key not in known and len(known) >= MAXIMUM_SUMMARIES:
            self.unfinished[closure.function] = None
            key = ((), None)
        run = known.get(key)
        if run is None:
            run = known[key] = self._new_run(closure, entry)
            run.chain = {**chain, closure.function: run}
            self.queue(run)
        if run not in from_here:
            from_here.append(run)
        for position, value in enumerate(arguments):
            if position == len(run.arguments):
                run.arguments.append(Cell())
            self.write(run.arguments[position], value)
        return run

    def _new_run(self, closure: Closure, entry: Site | None) -> Run:
        function = closure.function
        source = self.front_end.sources[function.file]
        this = closure.frame.this if function.arrow and not closure.this else closure.this
        return Run(Frame(function, closure.frame, this, source.generated, entry))

    # Modules

    def load(self, file: str) -> Frame:
        """Return the variables of a module, whose code runs when it is first asked for."""
        frame = self.modules.get(file)
        if frame is None:
            source = self.front_end.sources[file]
            frame = Frame(source.module.top, None, NOTHING, source.generated)
            self.modules[file] = frame
            self.queue(Run(frame))
        return frame

    def imported(self, importer: str, node: Imported) -> Value:
        """Return what an import brings."""
        file = self.front_end.resolve(importer, node.source)
        if file is None:
            return self.external(node.source, node.name)
        if self._is_closed(file):
            return one(External(node.source, node.name))
        if node.name == "*":
            return one(Namespace(file))
        return self.export(file, node.name)

    def external(self, module: str, name: str) -> Value:
        """Return what a package or the platform has under a name."""
        kind = _READY_MADE.get((module, name))
        if kind is not None:
            return one(Client(kind, self.shared_record(kind)))
        return one(External(module, name))

    def _is_closed(self, file: str) -> bool:
        """The runtime of a generated client is known by the names of its functions."""
        if not self.front_end.sources[file].generated:
            return False
        stem = file.rsplit("/", 1)[-1].split(".", maxsplit=1)[0]
        return "/runtime/" in file or stem in {"decode", "encode", "values", "types", "schemas"}

    def export(self, file: str, name: str, hops: int = 0) -> Value:
        """Return what a module exports under a name, through modules that hand it on."""
        if self._is_closed(file):
            return one(External(file, name)) if not hops else NOTHING
        module = self.front_end.sources[file].module
        expression = module.exports.get(name)
        if expression is not None:
            return self.evaluate(self, expression, self.load(file))
        if hops > _MAXIMUM_REEXPORTS or name == "default":
            return NOTHING
        for star in module.stars:
            target = self.front_end.resolve(file, star)
            if target is not None and target != file:
                found = self.export(target, name, hops + 1)
                if found:
                    return found
        return NOTHING

    # Places

    def spot(self, file: str, at: Point) -> Spot:
        """Return a place of a source as people count."""
        return Spot(file, at[0] + 1, self.front_end.sources[file].column(*at))

    def site(self, frame: Frame, at: Point) -> Site:
        """Return a call as a place; within generated code, the call that led there."""
        if frame.generated:
            outer: Frame | None = frame
            while outer is not None:
                if outer.entry is not None:
                    return outer.entry
                outer = outer.parent
        return Site(self.spot(frame.function.file, at), frame.function)

    # Heap

    def record(self, frame: Frame, node: object, kind: str = "") -> Record:
        """Return the object that an expression makes in a run of its function."""
        found = frame.heap.get(node)
        if not isinstance(found, Record):
            found = frame.heap[node] = Record(kind)
        return found

    def cell(self, frame: Frame, node: object) -> Cell:
        """Return the cell that a call makes in a run of its function, such as one of `useState`."""
        found = frame.heap.get(node)
        if not isinstance(found, Cell):
            found = frame.heap[node] = Cell()
        return found

    def shared_record(self, name: str) -> Record:
        """Return an object that exists once: the settings of `axios` itself."""
        return self.shared.setdefault(name, Record(name))
