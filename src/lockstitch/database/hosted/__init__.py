"""What hosted Supabase refuses in a migration, found without a server."""

from lockstitch.database.hosted.judging import judge_migration
from lockstitch.database.hosted.rules import RULES

__all__ = ["RULES", "judge_migration"]
