"""What is wrong with a contract, or with what is made of it."""

from lockstitch.errors.problem import LockstitchError


class ContractError(LockstitchError):
    """A contract document cannot be used; `pointer` is the JSON pointer of the place."""

    problem = "contract-error"
    title = "The contract cannot be used"

    def __init__(self, message: str, *, pointer: str = "") -> None:
        self.pointer = pointer
        super().__init__(f"{pointer}: {message}" if pointer else message)


class ForeignFile(ContractError):
    """A file stands where generated code should, or was changed since it was generated."""

    problem = "foreign-file"
    title = "A file is not the generator's to change"


class NameCollision(ContractError):
    """Two members or schemas of the contract would have the same name in TypeScript."""

    problem = "name-collision"
    title = "Two names of the contract collide"


class PatchRefused(ContractError):
    """A fix does not fit the files that it is for; none of them was changed."""

    problem = "patch-refused"
    title = "A fix does not fit the files"


class UndecodableSchema(ContractError):
    """A schema has no values, or none that could be decoded truthfully."""

    problem = "undecodable-schema"
    title = "A schema cannot be decoded truthfully"


class UnreadableDocument(ContractError):
    """The source is not there, or is not an OpenAPI document."""

    problem = "unreadable-document"
    title = "The contract document cannot be read"
