"""Signing in elsewhere: OpenID Connect, Google, GitHub."""
