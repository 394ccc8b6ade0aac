"""The routes of books."""

from fastapi import APIRouter, HTTPException

from .models import Author, Book, Loan

router = APIRouter(prefix="/books", tags=["books"])
BOOKS = {
    "1": Book(isbn="1", title="Emma", author=Author(full_name="Jane Austen"), page_count=474),
}


@router.get("")
def list_books() -> list[Book]:
    return list(BOOKS.values())


@router.get("/{isbn}", responses={404: {"description": "There is no such book."}})
def read_book(isbn: str) -> Book:
    if isbn not in BOOKS:
        raise HTTPException(404)
    return BOOKS[isbn]


@router.post("/{isbn}/loans", status_code=201)
def lend(isbn: str, loan: Loan) -> Loan:
    return loan
