"""The depth of the shallowest value of a schema: it tells where recursion can end."""

from math import inf

from lockstitch.contract.algebra import Array, Nothing, Object, Reference, Schema, Union
from lockstitch.contract.mock.validation import Validator


class Heights:
    """The least depth of a value, infinite where no finite value exists."""

    def __init__(self, validator: Validator) -> None:
        self._validator = validator
        self._named: dict[str, float] = {}
        schemas = validator.document.schemas
        changed = True
        # A height only falls from infinity once all that it needs is known, so this ends.
        while changed:
            changed = False
            for key, schema in schemas.items():
                found = self.of(schema)
                if found < self._named.get(key, inf):
                    self._named[key] = found
                    changed = True

    def of(self, schema: Schema) -> float:
        """Return the height of a schema."""
        match schema:
            case Nothing():
                return inf
            case Reference():
                return self._named.get(schema.key, inf)
            case Union():
                return min((self.of(member) for member in schema.members), default=inf)
            case Array():
                return self._array(schema)
            case Object():
                return self._object(schema)
            case _:
                return 0

    def ends(self, schema: Schema) -> bool:
        """Whether the schema has a finite value."""
        return self.of(schema) < inf

    def _array(self, schema: Array) -> float:
        needed = list(schema.prefix[: schema.min_items])
        if schema.min_items > len(schema.prefix):
            needed.append(schema.items)
        return 1 + max((self.of(item) for item in needed), default=0)

    def _object(self, schema: Object) -> float:
        demanded = [one for one in schema.properties if self._validator.demands(one)]
        highest = max((self.of(member.schema) for member in demanded), default=0)
        missing = schema.min_properties - len(demanded)
        if missing > 0:
            offered = [self.of(m.schema) for m in schema.properties if m not in demanded]
            others = [self.of(inner) for _, inner in schema.patterns] + [self.of(schema.additional)]
            lowest = sorted([*offered, *[min(others)] * missing])[:missing]
            highest = max(highest, *lowest)
        return 1 + highest
