"""Reading the letters that an application keeps in its data directory."""

import asyncio
import re
from uuid import uuid4

import httpx2

from lockstitch import Settings
from lockstitch.identity.mail.carrier import mail_folder
from lockstitch.identity.mail.folder import KeptMail

PASSWORD = "correct horse battery"
SECONDS = 20.0


async def letters_to(
    settings: Settings, email: str, subject: str, *, count: int = 1
) -> list[KeptMail]:
    """Wait until so many letters have arrived, and return them, the newest first."""
    found: list[KeptMail] = []
    async with asyncio.timeout(SECONDS):
        while len(found) < count:
            await asyncio.sleep(0.02)
            kept = await mail_folder(settings).latest(100)
            found = [one for one in kept if one.recipient == email and one.subject == subject]
    return found


async def letter_to(settings: Settings, email: str, subject: str) -> KeptMail:
    """Wait for a letter, and return the newest."""
    return (await letters_to(settings, email, subject))[0]


def token_in(letter: KeptMail) -> str:
    """Return the token of the link in a letter."""
    found = re.search(r"/#token=([A-Za-z0-9_-]+)", letter.text)
    assert found is not None, letter.text
    return found[1]


async def sign_up(client: httpx2.AsyncClient) -> httpx2.AsyncClient:
    """Sign up with an address of its own, and return the same client."""
    account = {"email": f"{uuid4().hex}@example.com", "password": PASSWORD}
    answer = await client.post("/v1/accounts", json=account)
    assert answer.status_code == 201, answer.text
    return client


async def email_of(client: httpx2.AsyncClient) -> str:
    """Return the address of who is signed in."""
    return str((await client.get("/v1/sessions/current")).json()["person"]["email"])
