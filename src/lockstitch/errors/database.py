"""What the database refused or could not do."""

from lockstitch.errors.problem import LockstitchError


class DatabaseError(LockstitchError):
    """Postgres refused, failed or is not there."""

    problem = "database-error"
    title = "The database failed"


class DatabaseUnavailable(DatabaseError):
    """No connection could be had in time."""

    problem = "database-unavailable"
    title = "The database cannot be reached"
    status = 503
    retry_after_seconds = 1.0


class DataDirectoryRefused(DatabaseError):
    """The data directory belongs to someone else, is in use, or is of another version."""

    problem = "data-directory-refused"
    title = "The data directory cannot be used"


class DiskFull(DatabaseError):
    """No space is left where the data lives."""

    problem = "disk-full"
    title = "The disk is full"
    status = 503


class DumpFailed(DatabaseError):
    """The database could not be dumped; no file was made."""

    problem = "dump-failed"
    title = "The database could not be dumped"


class MigrationFailed(DatabaseError):
    """A migration could not be applied; nothing of it remains."""

    problem = "migration-failed"
    title = "A migration failed"


class RestoreFailed(DatabaseError):
    """A dump could not be restored; the database is as it was."""

    problem = "restore-failed"
    title = "The dump could not be restored"
