"""Names and figures that settings and their readers share."""

PREFIX = "LOCKSTITCH_"
PLACEHOLDER = "lockstitch_dev_your_key_here"
# As an address, since an empty variable would count as not given.
KEEP_MAIL = "outbox://"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

# No honest request comes near it, and every reader of JSON can follow so far.
MAX_JSON_DEPTH = 64

ANY_ORIGIN = "*"
