"""Where a cluster lives and which account runs it."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from lockstitch.database.account import Account, user_name
from lockstitch.database.binaries import Binaries
from lockstitch.database.directory import DataDirectory, refusal
from lockstitch.errors import DataDirectoryRefused

# Outside every private folder, so that `nobody` can get there.
PUBLIC_ROOT = Path("/var/lib/lockstitch")


@dataclass(frozen=True, slots=True)
class Place:
    """A data directory, the account that runs Postgres in it, and the programs it executes."""

    directory: DataDirectory
    account: Account
    binaries: Binaries


def settle(
    directory: DataDirectory,
    binaries: Binaries,
    accounts: tuple[Account, ...],
    public_root: Path = PUBLIC_ROOT,
) -> Place:
    """Return the place of a cluster that exists, or choose one for a new cluster.

    Raises:
        DataDirectoryRefused: No account of this machine can run Postgres here.
    """
    if directory.is_elsewhere:
        return _place_of_nobody(directory, binaries, public_root)
    for account in accounts:
        in_place = account is not Account.NOBODY
        if in_place and account.can_work_in(directory.path, binaries.program("postgres")):
            return Place(directory, account, binaries)
    if Account.NOBODY not in accounts or directory.cluster.exists():
        raise DataDirectoryRefused(
            f"Postgres cannot run in {directory.path} as {user_name(os.geteuid())}: it needs an "
            "ordinary user with a name, or a user namespace, which this machine refuses there. "
            "Run as an ordinary user, or choose another directory with --data."
        )
    try:
        directory.move_home(_new_public_home(public_root))
    except OSError as error:
        raise refusal(public_root, error) from None
    return _place_of_nobody(directory, binaries, public_root)


def _place_of_nobody(directory: DataDirectory, binaries: Binaries, public_root: Path) -> Place:
    if not directory.home.is_dir():
        raise DataDirectoryRefused(
            f"{directory.home}, which holds the data of {directory.path}, is missing. Restore it "
            "from a backup, or choose another directory with --data."
        )
    account = Account.NOBODY
    if not account.can_work_in(directory.home, binaries.program("postgres")):
        binaries = _copy_binaries(binaries, public_root)
    return Place(directory, account, binaries)


def _new_public_home(public_root: Path) -> Path:
    """Make a folder that `nobody` owns, below one that everybody may pass and nobody may list."""
    _make_passable(public_root)
    home = Path(tempfile.mkdtemp(prefix="cluster-", dir=public_root))
    Account.NOBODY.own(home)
    return home


def _copy_binaries(binaries: Binaries, public_root: Path) -> Binaries:
    """Return programs outside private folders; a copy appears whole or not at all."""
    _make_passable(public_root)
    target = public_root / f"postgres-{binaries.version}"
    if not target.exists():
        try:
            with tempfile.TemporaryDirectory(dir=public_root) as folder:
                draft = Path(folder) / "installation"
                copy = binaries.copy_to(draft)
                # Whatever the umask says, these are for everybody to pass.
                for passed in (draft, copy.folder.parents[1]):
                    passed.chmod(0o755)
                draft.rename(target)
        except OSError as error:
            raise refusal(public_root, error) from None
    return binaries.moved(target)


def _make_passable(public_root: Path) -> None:
    public_root.mkdir(parents=True, exist_ok=True)
    if public_root.stat().st_uid == os.geteuid():
        public_root.chmod(0o711)
