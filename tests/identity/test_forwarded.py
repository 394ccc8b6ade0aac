"""How the headers of proxies are read, the crooked ones too."""

from ipaddress import ip_network

import pytest

from lockstitch.identity.forwarded import Family, Forwarding

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("2001:db8::/32"))


def read(family: Family, peer: str | None, *fields: tuple[str, str]) -> tuple[object, ...] | None:
    headers = [(name.encode(), value.encode("latin-1")) for name, value in fields]
    scope = {"type": "http", "headers": headers, "client": (peer, 1) if peer else None}
    found = Forwarding(TRUSTED, family).read(scope)
    return None if found is None else (found.scheme, found.host, found.caller)


@pytest.mark.parametrize("peer", ["203.0.113.9", "/run/socket", "", None])
def test_who_is_no_trusted_proxy_says_nothing(peer: str | None) -> None:
    assert read("x-forwarded", peer, ("x-forwarded-proto", "https")) is None
    assert read("forwarded", peer, ("forwarded", "proto=https")) is None


@pytest.mark.parametrize(
    ("addresses", "schemes", "hosts", "means"),
    [
        ("198.51.100.1", "https", "a.example", ("https", "a.example", "198.51.100.1")),
        # The caller wrote the first of each.
        ("1.1.1.1, 198.51.100.1", "http, https", "", ("https", None, "198.51.100.1")),
        # Two proxies; each has appended.
        ("198.51.100.1, 10.0.0.9", "https, http", "", ("https", None, "198.51.100.1")),
        # Two proxies; the second has overwritten.
        ("198.51.100.1, 10.0.0.9", "https", "a.example", ("https", "a.example", "198.51.100.1")),
        ("198.51.100.1:4711", "HTTPS", "", ("https", None, "198.51.100.1")),
        ("[2001:db9::1]:4711", "wss", "", ("https", None, "2001:db9::1")),
        ("10.0.0.1, 10.0.0.2", "https", "", ("https", None, "10.0.0.1")),
        ("nonsense", "ftp", "", (None, None, "nonsense")),
        ("", "", "", (None, None, "")),
    ],
)
def test_the_customary_headers_are_read_from_the_end(
    addresses: str, schemes: str, hosts: str, means: tuple[object, ...]
) -> None:
    fields = [
        ("x-forwarded-for", addresses),
        ("x-forwarded-proto", schemes),
        ("x-forwarded-host", hosts),
        # What the proxies do not write is the caller's.
        ("forwarded", "for=6.6.6.6;proto=http;host=evil.example"),
    ]

    assert read("x-forwarded", "10.1.1.1", *fields) == means


@pytest.mark.parametrize(
    ("header", "means"),
    [
        ("for=198.51.100.1;proto=https;host=a.example", ("https", "a.example", "198.51.100.1")),
        ('For="[2001:db9::1]:47";Proto=https', ("https", None, "2001:db9::1")),
        ('for="198.51.100.1:80" ; host="a.example:8443"', (None, "a.example:8443", "198.51.100.1")),
        (
            "for=6.6.6.6;proto=http;host=evil.example, for=198.51.100.1;proto=https",
            ("https", None, "198.51.100.1"),
        ),
        (
            "for=198.51.100.1;proto=https;host=a.example, for=10.0.0.9;proto=http;host=b",
            ("https", "a.example", "198.51.100.1"),
        ),
        ("for=_hidden;proto=https", ("https", None, "_hidden")),
        ("for=unknown, for=10.0.0.9;proto=https", (None, None, "unknown")),
        # A caller's open quotation mark would swallow what the proxy has added.
        ('for="6.6.6.6, for=198.51.100.1;proto=https', (None, None, "")),
        ("for 198.51.100.1", (None, None, "")),
        ('x="\\";for=6.6.6.6', (None, None, "")),
        ("for=1.1.1.1 2.2.2.2", (None, None, "")),
        (",,for=198.51.100.1", (None, None, "")),
        ("", (None, None, "")),
    ],
)
def test_the_standard_header_is_read_from_the_end_or_not_at_all(
    header: str, means: tuple[object, ...]
) -> None:
    forged = [("x-forwarded-for", "6.6.6.6"), ("x-forwarded-proto", "http")]

    assert read("forwarded", "10.1.1.1", *forged, ("forwarded", header)) == means


def test_several_lines_are_one_list() -> None:
    lines = [("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "198.51.100.1")]

    assert read("x-forwarded", "2001:db8::7", *lines) == (None, None, "198.51.100.1")
