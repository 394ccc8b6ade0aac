"""What the verbs take as SOURCE: a file, a URL, or an application as module:attribute."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lockstitch.contract.sources import is_application_name, is_url, read_source
from lockstitch.errors import UnreadableDocument


def is_application(source: str) -> bool:
    """Whether the source names an application rather than a document."""
    return is_application_name(source) and not Path(source).exists()


def load_contract(source: str) -> Mapping[str, Any]:
    """Return the parsed OpenAPI document that a source names.

    Raises:
        ContractError: The document cannot be read.
        ConfigurationError: The application cannot be imported.
    """
    if is_application(source) and not is_url(source):
        # FastAPI takes longer to import than most documents to generate from.
        from lockstitch.api.loading import import_application

        return read_source(import_application(source).openapi())
    return read_source(source)


@contextmanager
def naming(source: str) -> Iterator[None]:
    """Name the source whose document cannot be handled for how it is made.

    Raises:
        UnreadableDocument: It is nested too deeply, or holds what is no text.
    """
    try:
        yield
    except RecursionError as error:
        raise UnreadableDocument(f"{source} is nested too deeply.") from error
    except UnicodeEncodeError as error:
        raise UnreadableDocument(f"{source} holds half of a surrogate pair.") from error
