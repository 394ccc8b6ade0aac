"""The operating system's account under which Postgres runs, since it refuses to run as root."""

import ctypes
import os
import pwd
import sys
from enum import StrEnum
from pathlib import Path

NOBODY = 65534

_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1


class Account(StrEnum):
    """How a program of Postgres comes to a user id that it accepts."""

    # The calling user, as it is.
    SELF = "self"
    # The calling user, named `nobody` inside a user namespace: no file changes its owner.
    NAMESPACE = "namespace"
    # Root gives up its rights; its files belong to `nobody` and live where nobody may go.
    NOBODY = "nobody"

    def enter(self) -> None:
        """Take the account, in a process that has one thread and is about to execute a program.

        Raises:
            OSError: The machine refuses it.
        """
        if self is Account.NAMESPACE:
            _enter_user_namespace()
        elif self is Account.NOBODY:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)

    def own(self, path: Path) -> None:
        """Give a file or folder to the account."""
        if self is Account.NOBODY:
            os.chown(path, NOBODY, NOBODY)

    def can_work_in(self, directory: Path, program: Path) -> bool:
        """Try out whether this account may use the directory and execute the program."""
        child = os.fork()
        if child == 0:
            os._exit(self._try_out(directory, program))
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status) == 0

    def _try_out(self, directory: Path, program: Path) -> int:
        try:
            self.enter()
            effective = os.access in os.supports_effective_ids
            usable = os.access(directory, os.R_OK | os.W_OK | os.X_OK, effective_ids=effective)
            executable = os.access(program, os.X_OK, effective_ids=effective)
        except OSError:
            return 1
        return int(not (usable and executable))


def candidates() -> tuple[Account, ...]:
    """Return the accounts that the calling user may try, the best first."""
    if os.geteuid() == 0:
        return (Account.NAMESPACE, Account.NOBODY)
    if _has_name(os.geteuid()):
        return (Account.SELF,)
    # initdb wants a name for its user, which a container's made-up user id does not have.
    return (Account.NAMESPACE,)


def user_name(user_id: int) -> str:
    """Return the name of a user, or its number when it has none."""
    try:
        return pwd.getpwuid(user_id).pw_name
    except KeyError:
        return str(user_id)


def die_with_parent(signal_number: int) -> None:
    """Ask the kernel for a signal when the parent ends; only Linux can."""
    if sys.platform == "linux":
        _libc().prctl(_PR_SET_PDEATHSIG, signal_number)


def _has_name(user_id: int) -> bool:
    return user_name(user_id) != str(user_id)


def _enter_user_namespace() -> None:
    user, group = os.geteuid(), os.getegid()
    if sys.platform != "linux":
        raise OSError("User namespaces exist on Linux only.")
    if _libc().unshare(_CLONE_NEWUSER) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} {group} 1")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
