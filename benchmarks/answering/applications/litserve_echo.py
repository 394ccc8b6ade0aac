"""The echo model on LitServe."""

import sys

import litserve
from pydantic import BaseModel


class Said(BaseModel):
    """What is sent."""

    text: str


class Heard(BaseModel):
    """What is answered."""

    text: str


class Echo(litserve.LitAPI):
    """Says it again."""

    def setup(self, device: str) -> None:
        """Need nothing."""

    def decode_request(self, request: Said) -> str:
        """Return the text."""
        return request.text

    def predict(self, text: str) -> str:
        """Answer with what was said."""
        return text

    def encode_response(self, output: str) -> Heard:
        """Return the answer."""
        return Heard(text=output)


if __name__ == "__main__":
    server = litserve.LitServer(Echo(), accelerator="cpu", workers_per_device=1)
    server.run(
        host="127.0.0.1", port=int(sys.argv[1]), log_level="error", generate_client_file=False
    )
