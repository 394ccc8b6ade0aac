"""Reading OpenAPI 3.0, 3.1 and 3.2 documents into the schema algebra."""

from lockstitch.contract.reading.documents import read_document
from lockstitch.contract.reading.schemas import SchemaReader
from lockstitch.contract.sources import read_source

__all__ = ["SchemaReader", "read_document", "read_source"]
