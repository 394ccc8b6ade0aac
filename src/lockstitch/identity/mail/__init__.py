"""Mail to people: stored with its cause, written and sent afterwards."""
