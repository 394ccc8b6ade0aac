"""Reading the `discriminator` of a union."""

from lockstitch.contract.algebra import Discriminator, Reference, Schema
from lockstitch.contract.pointers import child
from lockstitch.contract.reading.keywords import Raw, mapping
from lockstitch.contract.reading.scalars import OLD_SPELLING, Warner


def read_discriminator(
    raw: Raw, members: tuple[Schema, ...], pointer: str, warn: Warner
) -> Discriminator | None:
    """Return what tells the members of a union apart, or None when the document does not say.

    Raises:
        UnreadableDocument: The `discriminator` or its `mapping` is no object.
    """
    if isinstance(raw.get("discriminator"), str):
        warn(pointer, OLD_SPELLING.format(word="discriminator", spelled="Swagger 2.0"))
        raw = {"discriminator": {"propertyName": raw["discriminator"]}}
    words = mapping(raw, "discriminator", pointer)
    name = words.get("propertyName")
    if not isinstance(name, str):
        return None
    # A mapping may also name a file, which is the end of its pointer.
    places = {
        m.key.rpartition("/")[2].replace("~1", "/").rpartition("/")[2]: i
        for i, m in enumerate(members)
        if isinstance(m, Reference)
    }
    pairs: list[tuple[str, int]] = []
    for value, goal in mapping(words, "mapping", child(pointer, "discriminator")).items():
        key = str(goal).rpartition("/")[2]
        if key in places:
            pairs.append((str(value), places[key]))
        else:
            here = child(pointer, "discriminator", "mapping", value)
            warn(here, f"{goal} is not a member of the union; ignored.")
    return Discriminator(property=name, mapping=tuple(pairs))
