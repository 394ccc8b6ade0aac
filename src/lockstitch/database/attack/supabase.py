"""Objects in storage and topics of Realtime, where Supabase keeps what belongs to tenants."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final
from uuid import uuid4

from psycopg import sql
from psycopg.types.json import Jsonb

from lockstitch.database.attack import statements
from lockstitch.database.attack.actors import Actor, Side
from lockstitch.database.attack.result import Cell, Outcome, Verb
from lockstitch.database.attack.stage import Stage, Watch
from lockstitch.database.attack.tables import worst
from lockstitch.database.catalogue.data import Table
from lockstitch.database.catalogue.tokens import tokens

OBJECTS: Final = "storage.objects"
MESSAGES: Final = "realtime.messages"
# Where every folder can be seen, a few tell it as well as all.
_MOST_FOLDERS: Final = 3
# Where every topic can be read, a few tell it as well as all.
_MOST_TOPICS: Final = 8


class _Placed(Watch):
    """Watches the objects whose names begin with one of some folders.

    With `alone`, one object is the only other one there: an update without a condition gives the
    same name to all, which their key would refuse.
    """

    def __init__(
        self,
        stage: Stage,
        side: Side,
        folders: Sequence[str],
        alone: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(stage, side, [])
        self._folders = [f"{folder}%" for folder in folders]
        self._alone = alone

    def prepare(self) -> None:
        """Leave one object alone, where that is asked."""
        if self._alone is not None:
            self._stage.connection.execute(
                "delete from storage.objects where (bucket_id, name) <> (%(bucket_id)s, %(name)s) "
                "and name like %(own)s",
                {**self._alone, "own": f"{str(self._alone['name']).split('/')[0]}%"},
            )

    def look(self) -> dict[str, frozenset[str]]:
        rows = self._stage.connection.execute(
            "select ctid::text as place from storage.objects where name like any (%s)",
            [self._folders],
        ).fetchall()
        return {OBJECTS: frozenset(row["place"] for row in rows)}


class StorageAttack:
    """Attacks the objects of the victim in every bucket, by the folders that projects use."""

    def __init__(
        self,
        stage: Stage,
        attacker: Side,
        victim: Side,
        bucket: str,
        objects: Table | None,
        owner: Actor,
    ) -> None:
        self._stage, self._victim, self._bucket = stage, victim, bucket
        self._table = Table(namespace="storage", name="objects")
        words = _words(objects) if objects else []
        self._own, self._folders = self._chosen(attacker, words, owner)
        self._watch = _Placed(stage, victim, self._folders)
        self._relation = f"{OBJECTS} in {bucket}"
        for side, folders in ((victim, self._folders), (attacker, self._own)):
            for folder in folders:
                values = self._object(side, f"{folder}mark.txt")
                stage.connection.execute(statements.insert(self._table, values), values)

    def cells(self, owner: Actor, actors: Sequence[Actor], rival: Actor) -> Iterator[Cell]:
        """Yield what each actor achieved with objects of the victim."""
        yield self._cell("select", owner, self._select(owner))
        for actor in actors:
            yield self._cell("select", actor, self._select(actor))
            yield self._cell("insert", actor, self._insert(actor))
            yield self._cell("update", actor, self._each(actor, self._touch))
            yield self._cell("delete", actor, self._each(actor, self._remove))
        yield self._cell("move", rival, self._move(rival))

    def _chosen(
        self, attacker: Side, words: list[str], owner: Actor
    ) -> tuple[list[str], list[str]]:
        """Return the folders of both sides: the usual ones, and others in which the owner sees."""
        usual = list(zip(_usual_folders(attacker), _usual_folders(self._victim), strict=True))
        names = [
            name
            for name in sorted(attacker.rows.keys() & self._victim.rows.keys())
            if "id" in attacker.rows[name]
        ]
        others = zip(
            _other_folders(attacker, names, words),
            _other_folders(self._victim, names, words),
            strict=True,
        )
        seen = (pair for pair in dict.fromkeys(others) if self._is_seen(pair[1], owner))
        chosen = [*usual, *islice((pair for pair in seen if pair not in usual), _MOST_FOLDERS)]
        return [own for own, _ in chosen], [theirs for _, theirs in chosen]

    def _is_seen(self, folder: str, owner: Actor) -> bool:
        where = self._where(folder)
        query = statements.select(self._table, ["name"], where)
        with self._stage.scene():
            values = self._object(self._victim, where["name"])
            self._stage.connection.execute(statements.insert(self._table, values), values)
            return self._stage.reads(owner, query, where)[0] == "reached"

    def _cell(self, verb: Verb, actor: Actor, outcome: Outcome) -> Cell:
        return Cell(relation=self._relation, verb=verb, actor=actor.name, outcome=outcome)

    def _object(self, side: Side, name: str) -> dict[str, Any]:
        owner = side.people["owner"]
        return {"bucket_id": self._bucket, "name": name, "owner": owner, "owner_id": str(owner)}

    def _where(self, folder: str) -> dict[str, Any]:
        return {"bucket_id": self._bucket, "name": f"{folder}mark.txt"}

    def _select(self, actor: Actor) -> Outcome:
        wheres = [self._where(folder) for folder in self._folders]
        query = statements.select(self._table, ["name"], wheres[0])
        return worst([self._stage.reads(actor, query, where)[0] for where in wheres])

    def _insert(self, actor: Actor) -> Outcome:
        outcomes = []
        for folder in self._folders:
            name = f"{folder}{uuid4().hex}.txt"
            values: dict[str, Any] = {"bucket_id": self._bucket, "name": name}
            if actor.person_id is not None:
                values |= {"owner": actor.person_id, "owner_id": str(actor.person_id)}
            statement = statements.insert(self._table, values)
            outcomes.append(self._stage.writes(actor, statement, values, self._watch))
        return worst(outcomes)

    def _each(self, actor: Actor, attempt: Any) -> Outcome:
        return worst([attempt(actor, self._where(folder)) for folder in self._folders])

    def _touch(self, actor: Actor, where: dict[str, Any]) -> Outcome:
        values = {"value": "2", **where}
        statement = statements.update(self._table, "version", where)
        return self._stage.writes(actor, statement, values, self._watch)

    def _remove(self, actor: Actor, where: dict[str, Any]) -> Outcome:
        return self._stage.writes(actor, statements.delete(self._table, where), where, self._watch)

    def _move(self, actor: Actor) -> Outcome:
        """Rename an object of one's own into the victim's folder."""
        outcomes = []
        for own, folder in zip(self._own, self._folders, strict=True):
            where = self._where(own)
            values = {"value": f"{folder}{uuid4().hex}.txt", **where}
            alone = _Placed(self._stage, self._victim, self._folders, alone=where)
            for columns in (tuple(where), ()):
                statement = statements.update(self._table, "name", columns)
                outcomes.append(self._stage.writes(actor, statement, values, alone))
        return worst(outcomes)


class _Sent(Watch):
    """Watches the messages of one topic."""

    def __init__(self, stage: Stage, side: Side, topic: str) -> None:
        super().__init__(stage, side, [])
        self._topic = topic

    def look(self) -> dict[str, frozenset[str]]:
        rows = self._stage.connection.execute(
            "select id::text as id from realtime.messages where topic = %s", [self._topic]
        ).fetchall()
        return {MESSAGES: frozenset(row["id"] for row in rows)}


class TopicAttack:
    """Attacks the private topics of the victim: reading what is sent there, and sending."""

    def __init__(self, stage: Stage, victim: Side, table: Table) -> None:
        self._stage, self._victim = stage, victim
        self._topics = list(_topics(table, victim))

    def cells(self, owner: Actor, actors: Sequence[Actor]) -> Iterator[Cell]:
        """Yield what each actor achieved; only topics that the owner may read are attacked."""
        readable = [topic for topic in self._topics if self._hears(owner, topic) == "reached"]
        yield self._cell("select", owner, "reached" if readable else "nothing")
        for actor in actors:
            attacked = (readable or self._topics)[:_MOST_TOPICS]
            heard = [self._hears(actor, topic) for topic in attacked]
            yield self._cell("select", actor, worst(heard))
            sent = [self._sends(actor, topic) for topic in attacked]
            yield self._cell("insert", actor, worst(sent))

    def _cell(self, verb: Verb, actor: Actor, outcome: Outcome) -> Cell:
        return Cell(relation=MESSAGES, verb=verb, actor=actor.name, outcome=outcome)

    def _hears(self, actor: Actor, topic: str) -> Outcome:
        query = sql.SQL("select 1 from realtime.messages where topic = %(topic)s")
        with self._stage.scene():
            for extension in ("broadcast", "presence"):
                self._stage.connection.execute(_SEND, _message(topic, extension))
            return self._stage.reads(actor, query, {"topic": topic}, topic=topic)[0]

    def _sends(self, actor: Actor, topic: str) -> Outcome:
        outcomes = [
            self._stage.writes(
                actor,
                _SEND,
                _message(topic, extension),
                _Sent(self._stage, self._victim, topic),
                topic=topic,
            )
            for extension in ("broadcast", "presence")
        ]
        return worst(outcomes)


_SEND: Final = sql.SQL(
    "insert into realtime.messages (topic, extension, payload, event, private) "
    "values (%(topic)s, %(extension)s, %(payload)s, 'mark', true)"
)


def _message(topic: str, extension: str) -> dict[str, Any]:
    return {"topic": topic, "extension": extension, "payload": Jsonb({})}


def _usual_folders(side: Side) -> list[str]:
    person = side.people["owner"]
    tenant = _tenant(side)
    return [f"{tenant}/", f"{person}/", f"{tenant}/{person}/"] if tenant else [f"{person}/"]


def _other_folders(side: Side, names: list[str], words: list[str]) -> list[str]:
    """Return folders by the rows of some tables, and all of them below the words of policies."""
    rows = [f"{side.rows[name]['id']}/" for name in names]
    below = [f"{word}/{folder}" for word in words for folder in (*_usual_folders(side), *rows)]
    return [*rows, *below]


def _tenant(side: Side) -> Any:
    return None if side.tenant is None else next(iter(side.tenant.values()))


def _words(objects: Table) -> list[str]:
    """Return what the policies on objects say, which may be the name of a folder."""
    found = {
        one.value.strip("/")
        for policy in objects.policies
        for text in filter(None, (policy.using, policy.check))
        for one in tokens(text)
        if one.kind == "text" and one.value.strip("/")
    }
    return ["any", *sorted(found)]


def _topics(table: Table, side: Side) -> Iterator[str]:
    """Yield the topics that the words of the policies can make with the ids of a side."""
    words = {""}
    for policy in table.policies:
        for expression in filter(None, (policy.using, policy.check)):
            words |= {one.value for one in tokens(expression) if one.kind == "text"}
    ids = [*(side.tenant or {}).values(), side.people["owner"]]
    rows = [row.get("id") for row in side.rows.values()]
    for identity in dict.fromkeys(map(str, filter(None, [*ids, *rows]))):
        for before in sorted(words):
            for after in sorted(words):
                yield f"{before}{identity}{after}"
