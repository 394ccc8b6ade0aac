"""A library in several files: every change in `library.diff` is one of it."""
