"""Text generation as it is served, against llama.cpp alone in the same process.

Both sides use the same engine with the same prompt, seed and number of tokens, in turns. Each
served stream is a POST over a socket, with sign-in, validation, events and a stored row.
"""

import json
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import httpx2
import uvicorn
from fastapi import FastAPI
from rows import Row, finish

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from examples.textgen.engine import Engine  # noqa: E402 - found where the examples are.
from examples.textgen.model import Textgen  # noqa: E402
from lockstitch import Lockstitch, Settings  # noqa: E402
from lockstitch.serving.artefact import Artefact  # noqa: E402

ROUNDS = 5
TOKENS = 32
PATH = "/v1/models/textgen/predictions"
ASKED = {"text": "Tell me a story.", "max_tokens": TOKENS, "temperature": 0.0, "seed": 7}


class Counted:
    """llama.cpp, with a count of what it says and of the calls that are under way."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.heard = 0
        self.running = 0

    def handle_chat_completions(self, request: str, hear: Callable[[str], bool]) -> None:
        """Pass a call on."""
        self.running += 1
        try:
            self._server.handle_chat_completions(request, lambda chunk: self._hear(chunk, hear))
        finally:
            self.running -= 1

    def _hear(self, chunk: str, hear: Callable[[str], bool]) -> bool:
        self.heard += 1
        return hear(chunk)


class Measured(Textgen):
    """The example's model; its engine can be reached from outside."""

    name = "textgen"
    engines: ClassVar[list[Engine]] = []

    def load(self, artefact: Artefact) -> None:
        """Load the weights."""
        super().load(artefact)
        self.engine.server = Counted(self.engine.server)
        self.engines.append(self.engine)


@dataclass(frozen=True, slots=True)
class Timing:
    """One stream: seconds to its first text, and its tokens."""

    first_seconds: float
    tokens: int


def main() -> None:
    """Measure and report."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        app = FastAPI()
        settings = Settings(data=Path(folder) / "data", migrations=Path(folder) / "migrations")
        Lockstitch(app, models=[Measured], settings=settings)
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            rows = measure(f"http://127.0.0.1:{listener.getsockname()[1]}")
        finally:
            server.should_exit = True
            thread.join()
    finish("textgen", rows)


def measure(url: str) -> list[Row]:
    """Return every figure of the running service."""
    with httpx2.Client(base_url=url, timeout=600) as client:
        sign_up(client)
        engine = Measured.engines[0]
        direct: Callable[[], Timing] = lambda: directly(engine)  # noqa: E731
        served: Callable[[], Timing] = lambda: over_http(client)  # noqa: E731
        direct()
        served()
        rows = []
        for together in (1, 8):
            rates: dict[str, list[float]] = {"direct": [], "served": []}
            firsts: dict[str, list[float]] = {"direct": [], "served": []}
            for number in range(ROUNDS):
                sides = [("direct", direct), ("served", served)]
                for name, call in sides if number % 2 else reversed(sides):
                    rate, first = at_once(call, together)
                    rates[name].append(rate)
                    firsts[name].append(first)
            rows += compare(together, rates, firsts)
        return [*rows, tokens_after_stop(client, engine)]


def sign_up(client: httpx2.Client) -> None:
    """Get a session, once the service is there."""
    deadline = time.monotonic() + 120
    while True:
        try:
            account = {"email": "bench@example.com", "password": "correct horse battery"}
            # lockstitch-ignore unsafe-retry: a connection that fails has reached nobody
            client.post("/v1/accounts", json=account).raise_for_status()
        except httpx2.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def at_once(call: Callable[[], Timing], together: int) -> tuple[float, float]:
    """Return tokens per second of so many streams at once, and their median first text."""
    with ThreadPoolExecutor(together) as pool:
        began = time.perf_counter()
        timings = [waiting.result() for waiting in [pool.submit(call) for _ in range(together)]]
        seconds = time.perf_counter() - began
    rate = sum(timing.tokens for timing in timings) / seconds
    return rate, statistics.median(timing.first_seconds for timing in timings)


def directly(engine: Engine) -> Timing:
    """Ask llama.cpp by its own call and callback."""
    asked: dict[str, Any] = {
        "messages": [{"role": "user", "content": ASKED["text"]}],
        **{name: value for name, value in ASKED.items() if name != "text"},
        "stream": True,
        "stream_options": {"include_usage": True},
        "cache_prompt": False,
    }
    began = time.perf_counter()
    first = tokens = 0

    def hear(chunk: str) -> bool:
        nonlocal first, tokens
        told = json.loads(chunk)
        if not first and any(choice["delta"].get("content") for choice in told["choices"]):
            first = time.perf_counter() - began
        tokens = (told.get("usage") or {}).get("completion_tokens", tokens)
        return False

    engine.server.handle_chat_completions(json.dumps(asked), hear)
    return Timing(first, tokens)


def over_http(client: httpx2.Client) -> Timing:
    """Ask as a client does."""
    began = time.perf_counter()
    first = 0.0
    with client.stream("POST", f"{PATH}:stream", json=ASKED) as answer:
        for line in answer.iter_lines():
            if not line:
                continue
            event = json.loads(line.removeprefix("data: "))
            first = first or time.perf_counter() - began
    return Timing(first, event["prediction"]["output"]["tokens"])


def compare(
    together: int, rates: dict[str, list[float]], firsts: dict[str, list[float]]
) -> list[Row]:
    """Return the rows of one number of streams. Each round's two sides met the same load."""
    pairs = list(zip(rates["served"], rates["direct"], strict=True))
    later = [
        1000 * (served - direct)
        for served, direct in zip(firsts["served"], firsts["direct"], strict=True)
    ]
    rate = {name: statistics.median(values) for name, values in rates.items()}
    rows = [
        Row(
            name=f"tokens/s over llama.cpp's, {together} together",
            value=statistics.median(served / direct for served, direct in pairs),
            target=0.9,
            unit="x",
            at_least=True,
            peers=rate,
        )
    ]
    if together == 1:
        name = "first text after llama.cpp's"
        first = {name: 1000 * statistics.median(values) for name, values in firsts.items()}
        rows.append(
            Row(name=name, value=statistics.median(later), target=15, unit="ms", peers=first)
        )
    return rows


def tokens_after_stop(client: httpx2.Client, engine: Engine) -> Row:
    """Hang up in the middle; count the tokens that are computed afterwards."""
    worst = 0
    for _ in range(ROUNDS):
        with client.stream("POST", f"{PATH}:stream", json=ASKED | {"max_tokens": 512}) as answer:
            lines = answer.iter_lines()
            for _ in range(6):
                next(lines)
        heard = engine.server.heard
        while engine.server.running:
            time.sleep(0.001)
        worst = max(worst, engine.server.heard - heard)
    return Row(
        name="tokens computed after the caller hung up", value=worst, target=1, unit="tokens"
    )


if __name__ == "__main__":
    main()
