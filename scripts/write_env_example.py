"""Write `.env.example` from the settings."""

from pathlib import Path

from lockstitch.settings import env_example

(Path(__file__).parent.parent / ".env.example").write_text(env_example())
