"""One model in this process."""

import asyncio
import hashlib
from pathlib import Path

import pytest
from shouting import Moody, Shout, Text, Trained, silent

from lockstitch.errors import (
    BrokenArtefact,
    ConfigurationError,
    ModelError,
    ModelLoading,
    ModelOverloaded,
    PredictionFailed,
)
from lockstitch.serving.artefact import Artefact
from lockstitch.serving.model import Model
from lockstitch.serving.runtime import ModelRuntime


async def started(model: Model[Text, Text], folder: Path) -> ModelRuntime:
    runtime = ModelRuntime(model, folder)
    runtime.prepare(silent)
    await runtime.start()
    return runtime


async def test_each_caller_gets_the_answer_to_its_own_input(tmp_path: Path) -> None:
    runtime = await started(Shout(), tmp_path)
    answers = await asyncio.gather(*(runtime.predict(Text(text=f"a{n}")) for n in range(100)))
    await runtime.stop()

    assert answers == [Text(text=f"A{n}") for n in range(100)]


async def test_a_trained_model_loads_what_it_prepared_and_keeps_its_thread(tmp_path: Path) -> None:
    runtime = await started(Trained(), tmp_path)
    answer = await runtime.predict(Text(text="hello"))
    await runtime.stop()

    assert answer == Text(text="hello!")
    assert runtime.artefact is not None
    assert runtime.artefact.metrics == {"accuracy": 0.5, "rows": 2}
    assert runtime.artefact.labels == ("loud", "quiet")
    assert runtime.digest == runtime.artefact.digest
    assert runtime.state == "ready"


def test_a_bad_declaration_is_refused_before_anything_runs(tmp_path: Path) -> None:
    class Silent(Model[Text, Text]): ...

    with pytest.raises(ConfigurationError, match="no predict"):
        ModelRuntime(Silent(), tmp_path)


async def test_a_model_is_loading_until_it_has_started(tmp_path: Path) -> None:
    runtime = ModelRuntime(Trained(), tmp_path)

    assert runtime.state == "loading"
    with pytest.raises(ModelLoading):
        await runtime.predict(Text(text="a"))
    with pytest.raises(ModelLoading):
        _ = runtime.digest


async def test_the_digest_of_a_model_without_files_is_that_of_its_source(tmp_path: Path) -> None:
    runtime = await started(Shout(), tmp_path)
    await runtime.stop()

    source = Path(__file__).with_name("shouting.py").read_bytes()
    assert runtime.digest == hashlib.sha256(source).hexdigest()
    assert runtime.artefact is None


async def test_a_model_without_prepare_loads_from_beside_its_source(tmp_path: Path) -> None:
    class Reader(Shout):
        def load(self, artefact: Artefact) -> None:
            self.found = (artefact.directory / "shouting.py").is_file()

    model = Reader()
    runtime = await started(model, tmp_path)
    await runtime.stop()

    assert model.found


async def test_a_start_without_the_prepared_files_names_the_folder(tmp_path: Path) -> None:
    runtime = ModelRuntime(Trained(), tmp_path)
    with pytest.raises(BrokenArtefact, match="trained cannot be used: the folder holds none"):
        await runtime.start()

    assert runtime.state == "failed"
    with pytest.raises(BrokenArtefact):
        await runtime.predict(Text(text="a"))


def damage(folder: Path) -> None:
    next(folder.rglob("ending.txt")).write_text("?")


async def test_a_damaged_artefact_stops_the_start(tmp_path: Path) -> None:
    runtime = ModelRuntime(Trained(), tmp_path)
    runtime.prepare(silent)
    damage(tmp_path)

    with pytest.raises(BrokenArtefact, match=r"ending\.txt was changed.*delete the folder"):
        await runtime.start()
    assert runtime.state == "failed"


async def test_an_error_of_load_is_told_with_its_reason(tmp_path: Path) -> None:
    class Unloadable(Shout):
        def load(self, artefact: Artefact) -> None:
            raise KeyError(artefact.model)

    runtime = ModelRuntime(Unloadable(), tmp_path)
    with pytest.raises(ModelError, match=r"could not be loaded.*KeyError: 'unloadable'"):
        await runtime.start()
    assert runtime.state == "failed"


async def test_prepare_runs_only_once(tmp_path: Path) -> None:
    steps: list[str] = []
    runtime = ModelRuntime(Trained(), tmp_path)
    runtime.prepare(lambda _, step: steps.append(step))
    runtime.prepare(lambda _, step: steps.append(step))

    assert steps == ["Learning"]


@pytest.mark.parametrize("text", ["raise", "exit"])
async def test_an_error_of_predict_fails_its_batch_without_quoting_the_input(
    tmp_path: Path, text: str
) -> None:
    runtime = await started(Moody(), tmp_path)
    failed = await asyncio.gather(
        runtime.predict(Text(text=text)), runtime.predict(Text(text="b")), return_exceptions=True
    )
    answer = await runtime.predict(Text(text="c"))
    await runtime.stop()

    for error in failed:
        assert isinstance(error, PredictionFailed)
        assert "moody raised" in str(error)
        assert "cannot read" not in str(error)
    assert answer == Text(text="c")


async def test_one_error_in_the_list_fails_one_item(tmp_path: Path) -> None:
    runtime = await started(Moody(), tmp_path)
    answers = await asyncio.gather(
        *(runtime.predict(Text(text=text)) for text in ("a", "one error", "our error", "b")),
        return_exceptions=True,
    )
    await runtime.stop()

    assert (answers[0], answers[3]) == (Text(text="a"), Text(text="b"))
    assert isinstance(answers[1], PredictionFailed)
    assert isinstance(answers[1].__cause__, ValueError)
    assert isinstance(answers[2], ModelOverloaded)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("dictionary", "moody returned dict instead of Text"),
        ("generator", "moody returned generator instead of a list"),
    ],
)
async def test_a_result_of_another_type_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    runtime = await started(Moody(), tmp_path)
    with pytest.raises(PredictionFailed, match=reason):
        await runtime.predict(Text(text=text))
    await runtime.stop()


async def test_a_stopped_model_refuses(tmp_path: Path) -> None:
    runtime = await started(Shout(), tmp_path)
    await runtime.stop()

    with pytest.raises(ModelOverloaded, match="The model shout is stopping"):
        await runtime.predict(Text(text="a"))
