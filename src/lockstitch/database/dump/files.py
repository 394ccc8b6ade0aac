"""The files of datasets that a restore brings: put beside the others, in place when it counts."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import UUID

from lockstitch.database.dump.archive import FILES, Archive, sync
from lockstitch.errors import RestoreFailed


def dataset_file(folder: Path, name: str) -> Path:
    """Return where the file `organisation/dataset` lies.

    Raises:
        ValueError: The name is of another form.
    """
    organisation, _, dataset = name.partition("/")
    return folder / str(UUID(organisation)) / str(UUID(dataset))


class IncomingFiles:
    """The files of a dump, on the disk of the datasets and not yet under their names."""

    def __init__(self, folder: Path, staged: dict[Path, Path]) -> None:
        self._folder = folder
        self._staged = staged
        self._added: list[Path] = []

    def add(self) -> None:
        """Put those in place that are missing there; one that is there stays for now."""
        for place, staged in self._staged.items():
            place.parent.mkdir(parents=True, exist_ok=True)
            if not place.exists():
                staged.rename(place)
                self._added.append(place)

    def take_back(self) -> None:
        """Remove what `add` has put in place."""
        for place in self._added:
            place.unlink(missing_ok=True)

    def settle(self, former: Sequence[str]) -> None:
        """Put the others in place, and remove files that only the replaced rows have named.

        Args:
            former: The names of the files that were named before.
        """
        for place, staged in self._staged.items():
            if staged.exists():
                staged.replace(place)
        for name in former:
            place = dataset_file(self._folder, name)
            if place not in self._staged:
                place.unlink(missing_ok=True)


@contextmanager
def incoming_files(archive: Archive, folder: Path) -> Iterator[IncomingFiles]:
    """Yield the files of a dump, unpacked beside the place of the datasets.

    Args:
        archive: The dump.
        folder: The folder of all datasets.

    Raises:
        RestoreFailed: A name leads elsewhere, or a file cannot be written.
    """
    with ExitStack() as stack:
        try:
            staged = _unpacked(archive, folder, stack)
        except ValueError:
            raise RestoreFailed(
                "The dump names a file that is none of a dataset. It was not made by Lockstitch."
            ) from None
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise RestoreFailed(
                f"The datasets' files cannot be written to {folder}: {reason}."
            ) from None
        yield IncomingFiles(folder, staged)


def _unpacked(archive: Archive, folder: Path, stack: ExitStack) -> dict[Path, Path]:
    """Return where each file will be, with where it is."""
    places = {dataset_file(folder, name): name for name in archive.manifest.files}
    if not places:
        return {}
    folder.mkdir(parents=True, exist_ok=True)
    # On the same disk, so that a rename puts it in place.
    workshop = stack.enter_context(tempfile.TemporaryDirectory(prefix="restoring-", dir=folder))
    staged = {}
    for number, (place, name) in enumerate(places.items()):
        staged[place] = Path(workshop) / str(number)
        archive.extract(FILES + name, staged[place])
        sync(staged[place])
    return staged
