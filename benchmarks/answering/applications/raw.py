"""The floor: an ASGI function and msgspec."""

from typing import Any

import msgspec


class Said(msgspec.Struct, forbid_unknown_fields=True):
    """What is sent."""

    text: str


class Heard(msgspec.Struct):
    """What is answered."""

    text: str


read = msgspec.json.Decoder(Said).decode
write = msgspec.json.Encoder().encode


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answer a request with what it says."""
    if scope["type"] != "http":
        return
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    try:
        status, answer = 200, write(Heard(read(body).text))
    except msgspec.DecodeError as error:
        status, answer = 422, write({"detail": str(error)})
    length = b"%d" % len(answer)
    headers = [(b"content-type", b"application/json"), (b"content-length", length)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": answer})
