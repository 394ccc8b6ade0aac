"""`lockstitch mock`: serve a contract with contract-true, seeded data."""

from typing import Annotated

import typer
import uvicorn
from pydantic import BaseModel

from lockstitch.api.listener import bind
from lockstitch.cli.contracts import load_contract, naming
from lockstitch.contract.events import describe_events
from lockstitch.contract.mock.application import MockApplication
from lockstitch.contract.reading import read_document
from lockstitch.settings import Settings


class Mocking(BaseModel):
    """What is mocked, and where."""

    url: str
    title: str
    operations: int
    seed: int


def mock(
    source: Annotated[str, typer.Argument(help="An OpenAPI document: file, URL or module:app.")],
    port: Annotated[int, typer.Option(help="The port to listen on.")] = 4010,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    seed: Annotated[int, typer.Option(help="Another seed, other values.")] = 1,
    json: Annotated[bool, typer.Option("--json", help="Print the address as JSON.")] = False,
) -> None:
    """Answer every operation of a contract until Ctrl-C."""
    with naming(source):
        document = read_document(describe_events(load_contract(source)))
        application = MockApplication(document, seed)
    with bind(Settings.load(host=host, port=port)) as listener:
        bound = listener.getsockname()[1]
        address = f"[{host}]" if ":" in host else host
        mocking = Mocking(
            url=f"http://{address}:{bound}",
            title=document.title,
            operations=len(document.operations),
            seed=seed,
        )
        print(mocking.model_dump_json() if json else _sentence(mocking), flush=True)
        config = uvicorn.Config(application, log_level="warning", lifespan="off")
        uvicorn.Server(config).run(sockets=[listener])


def _sentence(mocking: Mocking) -> str:
    return (
        f"Mocking {mocking.title} ({mocking.operations} operations, seed {mocking.seed}) at "
        f"{mocking.url}. X-Mock-Status, X-Mock-Delay and X-Mock-Malformed choose failures. "
        "Ctrl-C stops."
    )
