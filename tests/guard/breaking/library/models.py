"""What the library speaks of."""

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class Model(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Author(Model):
    full_name: str


class Book(Model):
    """A book on a shelf."""

    isbn: str
    title: str
    author: Author
    page_count: int = Field(ge=1)


class Loan(Model):
    reader_name: str = Field(
        min_length=1,
        max_length=120,
        description="Whom the book goes to.",
    )
    days: int = Field(default=14, ge=1, le=28)
