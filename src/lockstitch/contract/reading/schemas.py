"""Reading one JSON Schema, as OpenAPI 3.0 or 3.1 spells it, into the algebra."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import reduce
from typing import Any

from lockstitch.contract.algebra import (
    Anything,
    Array,
    Discriminator,
    Notes,
    Nothing,
    Null,
    Object,
    Property,
    Reference,
    Schema,
    Union,
    noted,
    nullable,
    union_of,
    without_null,
)
from lockstitch.contract.intersection import Intersection
from lockstitch.contract.pointers import child, resolve, split, target
from lockstitch.contract.reading.cycles import references, refuse_empty_cycles
from lockstitch.contract.reading.discriminators import read_discriminator
from lockstitch.contract.reading.evaluation import closed, is_evaluated
from lockstitch.contract.reading.inheritance import (
    COMPONENTS,
    Family,
    base_key,
    extends,
    families,
    mapping_of,
    own_part,
)
from lockstitch.contract.reading.keywords import (
    Raw,
    count,
    inferred_types,
    is_marked,
    mapping,
    notes_of,
    sequence,
    wrong,
)
from lockstitch.contract.reading.scalars import OLD_SPELLING, Warner, constants, simple
from lockstitch.errors import UndecodableSchema, UnreadableDocument


class UnfinishedSchema(UndecodableSchema):
    """A schema is needed whole while it is still being read."""


class SchemaReader:
    """Reads the schemas of one document.

    `schemas` fills with every schema that a reference has reached, by its key.
    """

    def __init__(
        self, document: Raw, warn: Warner, unchecked: Warner | None = None, *, old: bool = False
    ) -> None:
        self.schemas: dict[str, Schema] = {}
        self._document = document
        self._warn = warn
        self._unchecked = unchecked or warn
        self._old = old
        self._waiting: list[tuple[str, str]] = []
        self._reading: list[str] = []
        self._pairs: dict[str, tuple[str, ...]] = {}
        components = document.get("components")
        named = components.get("schemas") if isinstance(components, Mapping) else None
        self._families = families(named if isinstance(named, Mapping) else {})
        self._bases = {base_key(name): name for name in self._families}
        self._meet = Intersection(lambda reference: self.named(reference.key), self._pair)

    def read(self, raw: Any, pointer: str) -> Schema:
        """Return the schema that stands at `pointer`.

        Raises:
            UnreadableDocument: A keyword has a wrong type, or a reference leads nowhere.
            UndecodableSchema: The schema contains itself through `allOf`.
        """
        if isinstance(raw, bool):
            notes = Notes(pointer=pointer)
            return Anything(notes=notes) if raw else Nothing(notes=notes)
        if raw is None:
            self._warn(pointer, "null is no schema; read as any value.")
            return Anything(notes=Notes(pointer=pointer))
        if not isinstance(raw, Mapping):
            raise UnreadableDocument("A schema must be an object or a boolean.", pointer=pointer)
        notes = notes_of(raw, pointer)
        for word, _ in notes.unchecked:
            self._unchecked(child(pointer, word), f'"{word}" is not checked.')
        if "discriminator" in raw and not ("oneOf" in raw or "anyOf" in raw):
            here = child(pointer, "discriminator")
            self._warn(here, "There is no union to discriminate; only this schema is read.")
        try:
            parts = self._parts(raw, pointer)
            schema = self._joined(parts, notes)
            if raw.get("unevaluatedProperties", True) is not True:
                schema = self._evaluated(schema, parts, raw, pointer)
        except UnfinishedSchema:
            if pointer == self._pointer(self._reading[-1]):
                raise
            # Part of the schema around it: read when that is finished, under its own pointer.
            self._waiting.append((pointer, pointer))
            return Reference(pointer, notes=notes)
        return self._with_null(raw, schema, pointer)

    def named(self, key: str) -> Schema:
        """Return a schema by its key, reading it first if nobody has."""
        if key in self.schemas:
            return self.schemas[key]
        pointer = self._pointer(key)
        if key in self._reading:
            chain = " → ".join([*self._reading[self._reading.index(key) :], key])
            raise UnfinishedSchema(f'"allOf" contains itself: {chain}.', pointer=pointer)
        self._reading.append(key)
        try:
            self.schemas[key] = self._read_named(key, pointer)
        finally:
            self._reading.pop()
        return self.schemas[key]

    def _read_named(self, key: str, pointer: str) -> Schema:
        if key in self._pairs:
            first, *others = (self.named(one) for one in self._pairs[key])
            return reduce(self._meet.of, others, first)
        raw = resolve(self._document, pointer, pointer)
        if key in self._families:
            return self._heirs(self._families[key], raw, pointer)
        schema = self.read(own_part(raw) if key in self._bases else raw, pointer)
        if isinstance(schema, Union) and schema.discriminator is None:
            # To be one of itself says nothing.
            rest = tuple(one for one in schema.members if one != Reference(key))
            if len(rest) < len(schema.members):
                return noted(union_of(rest), schema.notes)
        return schema

    def _pointer(self, key: str) -> str:
        return key if key.startswith("/") else child(COMPONENTS[:-1], key)

    def _pair(self, left: Reference, right: Reference) -> Reference:
        """Return the schema of what two named ones both accept, as a named one of its own."""
        # A pair of pairs is a set of names again: so there are finitely many.
        parts = {part for one in (left, right) for part in self._pairs.get(one.key, (one.key,))}
        key = " & ".join(sorted(parts))
        if len(parts) > 1 and key not in self._pairs:
            self._pairs[key] = tuple(sorted(parts))
            self._waiting.append((key, self._pointer(left.key)))
        return Reference(key)

    def finish(self) -> None:
        """Read what references still point to."""
        while self._waiting:
            key, asker = self._waiting.pop()
            if key not in self._pairs:
                resolve(self._document, self._pointer(key), asker)
            self.named(key)
        used = {key for schema in self.schemas.values() for key in references(schema)}
        for key in self._bases:
            if key not in used:
                self.schemas.pop(key, None)
        refuse_empty_cycles(self.schemas, self._pointer)

    def _joined(self, parts: list[Schema], notes: Notes) -> Schema:
        if not parts:
            return Anything(notes=notes)
        joined = parts[0]
        if len(parts) > 1:
            # What cannot be joined is told by where the parts stand.
            joined = replace(joined, notes=replace(joined.notes, pointer=notes.pointer))
        for part in parts[1:]:
            joined = self._meet.of(joined, part)
        # A wrapper around one reference has its own words; the shape stays that of the target.
        return replace(joined, notes=notes)

    def _parts(self, raw: Raw, pointer: str) -> list[Schema]:
        parts: list[Schema] = []
        if "$ref" in raw:
            parts.append(self._reference(raw, "$ref", pointer))
        if "$recursiveRef" in raw:
            parts.append(self._enclosing(raw, pointer))
        parts.extend(
            self.read(part, child(pointer, "allOf", index))
            for index, part in enumerate(sequence(raw, "allOf", pointer))
        )
        parts.extend(self._union(raw, word, pointer) for word in self._unions(raw, pointer))
        own = self._own(raw, pointer, composed=bool(parts))
        return parts if own is None else [*parts, own]

    def _evaluated(self, schema: Schema, parts: list[Schema], raw: Raw, pointer: str) -> Schema:
        """Apply `unevaluatedProperties`: what additional members are once all parts are merged."""
        word = "unevaluatedProperties"
        here = child(pointer, word)
        rest = self.read(raw[word], here)
        if is_evaluated(schema, parts, raw):
            return closed(schema, rest)
        self._unchecked(here, f'"{word}" is not checked.')
        return schema

    def _with_null(self, raw: Raw, schema: Schema, pointer: str) -> Schema:
        if raw.get("nullable") is not True:
            return schema
        if not self._old:
            self._warn(pointer, OLD_SPELLING.format(word="nullable", spelled="OpenAPI 3.0"))
        return schema if isinstance(schema, Anything) else nullable(schema)

    # References

    def _reference(self, raw: Raw, word: str, pointer: str) -> Reference:
        reference = raw[word]
        if not isinstance(reference, str):
            raise wrong(raw, word, pointer, "a string")
        place = target(reference, pointer)
        resolve(self._document, place, pointer)
        named = place.startswith(COMPONENTS) and "/" not in place[len(COMPONENTS) :]
        key = split(place)[-1] if named else place
        family = self._families.get(key)
        if family is not None and extends(pointer) and split(pointer)[2] in family.extending:
            key = base_key(key)
        if key not in self.schemas:
            self._waiting.append((key, pointer))
        return Reference(key)

    def _enclosing(self, raw: Raw, pointer: str) -> Reference:
        if raw["$recursiveRef"] != "#" or not pointer.startswith(COMPONENTS):
            raise wrong(raw, "$recursiveRef", pointer, '"#" inside a component')
        self._warn(pointer, '"$recursiveRef" belongs to an older JSON Schema; read as meant.')
        return Reference(split(pointer)[2])

    # Unions

    def _heirs(self, family: Family, raw: Raw, pointer: str) -> Schema:
        """Return what a value of a base may be: one of those that extend it."""
        if family.listed:
            self._warn(pointer, "The members of the union extend it; read as their base.")
        known = {tag for tag, _ in family.mapping}
        for value, goal in mapping_of(raw).items():
            if value not in known:
                here = child(pointer, "discriminator", "mapping", value)
                self._warn(here, f"{goal} is not a schema of the family; ignored.")
        own = self._bases_own(pointer)
        members = tuple(
            own if base_key(name) == pointer else self._heir(name, family, own)
            for name in family.heirs
        )
        notes = notes_of(raw, pointer)
        schema: Schema = members[0]
        if len(members) > 1:
            tag = Discriminator(property=family.property or "", mapping=family.mapping)
            given = tag if family.property is not None else None
            schema = Union(members=members, discriminator=given, exclusive=True, notes=notes)
        return self._with_null(raw, schema, pointer)

    def _unions(self, raw: Raw, pointer: str) -> Iterator[str]:
        """Yield the words of the unions that a schema consists of."""
        for word in ("oneOf", "anyOf"):
            if raw.get(word) == []:
                self._warn(child(pointer, word), f'"{word}" lists no schema; ignored.')
            elif word in raw:
                yield word

    def _bases_own(self, pointer: str) -> Reference:
        self._waiting.append((pointer, pointer))
        return Reference(pointer)

    def _heir(self, name: str, family: Family, own: Reference) -> Schema:
        reference = Reference(name)
        self._waiting.append((name, own.key))
        return reference if name in family.extending else self._meet.of(reference, own)

    def _union(self, raw: Raw, word: str, pointer: str) -> Schema:
        raws = sequence(raw, word, pointer)
        members = tuple(self.read(one, child(pointer, word, i)) for i, one in enumerate(raws))
        tag = read_discriminator(raw, members, pointer, self._warn)
        if tag is not None and len(members) > 1:
            return Union(members=members, discriminator=tag, exclusive=word == "oneOf")
        union = union_of(members)
        return replace(union, exclusive=word == "oneOf") if isinstance(union, Union) else union

    # What the schema says itself

    def _own(self, raw: Raw, pointer: str, *, composed: bool) -> Schema | None:
        types = self._types(raw, pointer, composed=composed)
        typed = union_of(tuple(self._typed(name, raw, pointer) for name in types))
        if "const" in raw:
            return self._constants([raw["const"]], types, typed, pointer)
        if "enum" in raw:
            return self._constants(sequence(raw, "enum", pointer), types, typed, pointer)
        return typed if types else None

    def _types(self, raw: Raw, pointer: str, *, composed: bool) -> list[str]:
        kind = raw.get("type")
        if isinstance(kind, str):
            return [kind]
        if isinstance(kind, list) and all(isinstance(one, str) for one in kind):
            return kind
        if kind is not None:
            raise wrong(raw, "type", pointer, "a string or an array of strings")
        types = inferred_types(raw)
        if types and not composed and "/allOf/" not in pointer and "enum" not in raw:
            self._warn(pointer, f'"type" is missing; read as {" or ".join(types)}.')
        return types

    def _constants(
        self, values: list[Any], types: list[str], typed: Schema, pointer: str
    ) -> Schema:
        listed = constants(values)
        if not types:
            return listed
        plain, null = without_null(listed)
        met = self._meet.of(typed, plain) if not isinstance(plain, Null) else Nothing()
        if isinstance(met, Nothing) and not null:
            self._warn(pointer, f"No constant of the enumeration is a {' or '.join(types)}.")
        if null and isinstance(without_null(typed)[0], Null):
            return Null()
        return nullable(met) if null else met

    def _typed(self, name: str, raw: Raw, pointer: str) -> Schema:
        found = simple(name, raw, pointer, self._warn, old=self._old)
        if found is not None:
            # Each alternative of a type array keeps its place for its name.
            return replace(found, notes=Notes(pointer=pointer))
        return self._array(raw, pointer) if name == "array" else self._object(raw, pointer)

    def _array(self, raw: Raw, pointer: str) -> Array:
        raws, word = sequence(raw, "prefixItems", pointer), "prefixItems"
        longest = count(raw, "maxItems", pointer)
        if isinstance(raw.get("items"), list):
            self._warn(pointer, OLD_SPELLING.format(word="items", spelled="older JSON Schema"))
            raw = {**raw, "prefixItems": raw["items"], "items": raw.get("additionalItems", True)}
            raws, word = raw["prefixItems"], "items"
        prefix = tuple(self.read(one, child(pointer, word, i)) for i, one in enumerate(raws))
        items: Schema = self.read(raw.get("items", True), child(pointer, "items"))
        if prefix and longest is not None and longest <= len(prefix):
            items = Nothing(notes=items.notes)
        return Array(
            prefix=prefix,
            items=items,
            min_items=count(raw, "minItems", pointer) or 0,
            # A limit that the fixed items keep anyway says nothing; a lower one leaves no value.
            max_items=None if _is_full(items, len(prefix), longest) else longest,
            unique=raw.get("uniqueItems") is True,
            notes=Notes(pointer=pointer),
        )

    def _object(self, raw: Raw, pointer: str) -> Object:
        properties = mapping(raw, "properties", pointer)
        if isinstance(raw.get("required"), bool):
            self._warn(child(pointer, "required"), '"required" lists names; ignored.')
            raw = {**raw, "required": []}
        required = sequence(raw, "required", pointer)
        if not all(isinstance(name, str) for name in required):
            raise wrong(raw, "required", pointer, "an array of names")
        members = [
            self._property(name, one, child(pointer, "properties", name), name in required)
            for name, one in properties.items()
        ]
        members += [
            Property(name=name, schema=Anything(), required=True)
            for name in required
            if name not in properties
        ]
        patterns = mapping(raw, "patternProperties", pointer)
        names = raw.get("propertyNames")
        here = child(pointer, "additionalProperties")
        return Object(
            properties=tuple(members),
            patterns=tuple(
                (pattern, self.read(one, child(pointer, "patternProperties", pattern)))
                for pattern, one in patterns.items()
            ),
            additional=self.read(raw.get("additionalProperties", True), here),
            declared="additionalProperties" in raw,
            names=None if names is None else self.read(names, child(pointer, "propertyNames")),
            min_properties=count(raw, "minProperties", pointer) or 0,
            max_properties=count(raw, "maxProperties", pointer),
            notes=Notes(pointer=pointer),
        )

    def _property(self, name: str, raw: Any, pointer: str, required: bool) -> Property:  # noqa: FBT001
        return Property(
            name=name,
            schema=self.read(raw, pointer),
            required=required,
            read_only=is_marked(self._document, raw, "readOnly"),
            write_only=is_marked(self._document, raw, "writeOnly"),
        )


def _is_full(items: Schema, fixed: int, longest: int | None) -> bool:
    return isinstance(items, Nothing) and fixed > 0 and (longest is None or longest >= fixed)
