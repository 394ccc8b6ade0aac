"""Settings: where a value comes from, and which secrets are refused."""

import json
import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from lockstitch.errors import ConfigurationError, HttpsRequired, PlaceholderSecret
from lockstitch.settings import (
    PLACEHOLDER,
    Settings,
    TokenIssuer,
    env_example,
    spelt,
    variable_name,
)

ROOT = Path(__file__).parent.parent


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.lockstitch]\nport = 7001\ndata = "here"\n')
    return tmp_path


def test_an_argument_wins_over_the_environment_and_that_over_the_files(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Settings.load().port == 7001
    (project / ".env").write_text("LOCKSTITCH_PORT=7002\n")
    assert Settings.load().port == 7002
    monkeypatch.setenv("LOCKSTITCH_PORT", "7003")
    assert Settings.load().port == 7003
    assert Settings.load(port=7004).port == 7004
    assert Settings.load(port=None).port == 7003


def test_the_project_is_found_upwards_and_its_paths_are_its_own(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "deep" / "down").mkdir(parents=True)
    monkeypatch.chdir(project / "deep" / "down")

    settings = Settings.load()

    assert settings.data == project / "here"
    assert settings.contract == project / "openapi.json"


def test_an_unknown_key_of_the_project_is_named(project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.lockstitch]\nprot = 1\n")

    with pytest.raises(ConfigurationError, match="no setting 'prot'"):
        Settings.load()


def test_a_secret_in_the_project_file_is_refused(project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.lockstitch]\nsecret_key = "abc"\n')

    with pytest.raises(ConfigurationError, match="LOCKSTITCH_SECRET_KEY"):
        Settings.load()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"tool = 3", "must be a table"),
        (b"[tool]\nlockstitch = 5", "must be a table"),
        (b"[tool.lockstitch]\ndata = 5", "LOCKSTITCH_DATA"),
        (b"\xff", "not valid TOML"),
        (b"[tool.lockstitch", "not valid TOML"),
    ],
)
def test_a_project_file_that_cannot_be_read_is_one_sentence(
    project: Path, text: bytes, says: str
) -> None:
    (project / "pyproject.toml").write_bytes(text)

    with pytest.raises(ConfigurationError, match=says):
        Settings.load()


@pytest.mark.parametrize(
    ("text", "says"), [(b"LOCKSTITCH_PROT=1", "LOCKSTITCH_PROT"), (b"\xff", "UTF-8")]
)
def test_an_env_file_with_a_slip_is_named(project: Path, text: bytes, says: str) -> None:
    (project / ".env").write_bytes(text)

    with pytest.raises(ConfigurationError, match=says):
        Settings.load()


def test_an_empty_variable_counts_as_not_given(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCKSTITCH_DATA", "")
    monkeypatch.setenv("LOCKSTITCH_DATABASE_DSN", "")

    settings = Settings.load()

    assert settings.data == project / "here"
    assert settings.database_dsn is None


def test_a_value_that_is_not_allowed_is_named_and_not_shown(project: Path) -> None:
    with pytest.raises(ConfigurationError, match="LOCKSTITCH_PORT") as caught:
        Settings.load(port="eighty-eight")

    assert "eighty-eight" not in str(caught.value)


@pytest.mark.parametrize(
    "secret", [PLACEHOLDER, "", "a" * 64, "hunter2", "abcdefghijklmnopqrstuvwxyz0123456789"]
)
def test_a_weak_secret_is_refused_where_others_can_reach_the_service(
    project: Path, secret: str
) -> None:
    settings = Settings.load(host="0.0.0.0", secret_key=SecretStr(secret))

    with pytest.raises(PlaceholderSecret, match="LOCKSTITCH_SECRET_KEY"):
        settings.refuse_weak_secrets()


def test_a_placeholder_is_allowed_on_loopback_and_a_strong_secret_everywhere(
    project: Path,
) -> None:
    Settings.load().refuse_weak_secrets()
    strong = SecretStr("9f86d081884c7d659a2feaa0c55ad015")
    Settings.load(host="0.0.0.0", secret_key=strong).refuse_weak_secrets()


def test_behind_a_proxy_with_https_loopback_is_no_excuse(project: Path) -> None:
    with pytest.raises(PlaceholderSecret):
        Settings.load(https=True).refuse_weak_secrets()


def test_no_secret_shows_in_the_settings_text(project: Path) -> None:
    settings = Settings.load(secret_key=SecretStr("swordfish-swordfish"))

    assert "swordfish" not in f"{settings!r}{settings}"


def test_env_example_is_current_and_names_every_setting() -> None:
    committed = (ROOT / ".env.example").read_text()

    assert committed == env_example(), "Run: python scripts/write_env_example.py"
    for name in Settings.model_fields:
        assert f"{variable_name(name)}=" in committed


def test_a_list_of_folders_is_relative_to_the_project_or_spelt_with_commas(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "pyproject.toml").write_text('[tool.lockstitch]\nclients = ["web/src/api"]\n')
    assert Settings.load().clients == (project / "web/src/api",)
    assert Settings.load().sources == ()

    monkeypatch.setenv("LOCKSTITCH_CLIENTS", "/a,b c")
    assert Settings.load().clients == (Path("/a"), Path("b c"))
    assert spelt(Settings.load().clients) == "/a,b c"


@pytest.mark.parametrize(
    ("given", "means"),
    [
        ("https://App.Example.com", ("https://app.example.com",)),
        (
            "https://app.example.com:443, http://localhost:3000",
            (
                "https://app.example.com",
                "http://localhost:3000",
            ),
        ),
        (
            "http://app.example.com:80,http://[::1]:3000",
            (
                "http://app.example.com",
                "http://[::1]:3000",
            ),
        ),
        ("capacitor://localhost", ("capacitor://localhost",)),
        ("", ()),
    ],
)
def test_an_origin_is_kept_as_browsers_spell_it(
    project: Path, monkeypatch: pytest.MonkeyPatch, given: str, means: tuple[str, ...]
) -> None:
    monkeypatch.setenv("LOCKSTITCH_CORS_ORIGINS", given)

    assert Settings.load().cors_origins == means
    assert Settings.load(cors_origins=spelt(means)).cors_origins == means


@pytest.mark.parametrize(
    "given",
    [
        "app.example.com",
        "https://app.example.com/",
        "https://app.example.com/path",
        "https://*.example.com",
        "https://user@app.example.com",
        "https://app.example.com:99999999",
        "null",
        "https://",
        "https://bücher.example",
        "https://a b.example",
    ],
)
def test_what_is_no_origin_is_refused_with_an_example(project: Path, given: str) -> None:
    with pytest.raises(ConfigurationError, match=r"LOCKSTITCH_CORS_ORIGINS: .*without wildcards"):
        Settings.load(cors_origins=given)


@pytest.mark.parametrize("given", ["*", "https://app.example.com,*"])
def test_every_origin_with_credentials_is_refused(project: Path, given: str) -> None:
    with pytest.raises(ConfigurationError, match="CORS_CREDENTIALS=false"):
        Settings.load(cors_origins=given)


def test_every_origin_without_credentials_is_a_choice(project: Path) -> None:
    assert Settings.load(cors_origins="*", cors_credentials=False).cors_origins == ("*",)
    with pytest.raises(ConfigurationError, match="either"):
        Settings.load(cors_origins="*,https://a.example", cors_credentials=False)


def test_where_others_can_reach_the_service_plain_http_needs_a_word(project: Path) -> None:
    Settings.load().refuse_plain_http()
    with pytest.raises(HttpsRequired, match="--insecure-http"):
        Settings.load(host="0.0.0.0").refuse_plain_http()
    for said in (
        {"https": True},
        {"public_url": "https://app.example.com"},
        {"tls_cert": Path("c"), "tls_key": Path("k")},
        {"trusted_proxies": "10.0.0.0/8"},
        {"insecure_http": True},
    ):
        Settings.load(host="0.0.0.0", **said).refuse_plain_http()
    with pytest.raises(HttpsRequired):
        Settings.load(host="0.0.0.0", public_url="http://app.example.com").refuse_plain_http()


@pytest.mark.parametrize(
    ("said", "address", "secure", "private"),
    [
        ({}, "http://127.0.0.1:7001", False, True),
        ({"host": "::1"}, "http://[::1]:7001", False, True),
        ({"tls_cert": "c", "tls_key": "k"}, "https://127.0.0.1:7001", True, True),
        ({"https": True}, "https://127.0.0.1:7001", True, False),
        ({"public_url": "https://App.example.com/"}, "https://app.example.com", True, False),
        ({"public_url": "http://localhost:3000"}, "http://localhost:3000", False, True),
        ({"host": "192.0.2.1", "insecure_http": True}, "http://192.0.2.1:7001", False, False),
    ],
)
def test_where_people_open_the_service(
    project: Path, said: dict[str, object], address: str, secure: bool, private: bool
) -> None:
    settings = Settings.load(**said)

    assert (settings.origin, settings.secure, settings.is_private) == (address, secure, private)


@pytest.mark.parametrize(
    "said",
    [
        {"public_url": "https://app.example.com/app"},
        {"public_url": "ftp://app.example.com"},
        {"public_url": "app.example.com"},
        {"allowed_hosts": "https://app.example.com"},
        {"allowed_hosts": "*.example.com"},
        {"tls_cert": "cert.pem"},
        {"tls_key": "key.pem"},
    ],
)
def test_half_an_address_or_half_a_certificate_is_refused(
    project: Path, said: dict[str, str]
) -> None:
    with pytest.raises(ConfigurationError, match=f"LOCKSTITCH_{next(iter(said)).upper()}"):
        Settings.load(**said)


ISSUER = {"issuer": "https://sign-in.example/tenant", "audience": "api"}


def test_a_setting_that_other_tools_name_keeps_their_name(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "pyproject.toml").write_text(
        '[tool.lockstitch]\nsupabase_url = "https://a.supabase.co"\n'
    )
    assert Settings.load().supabase_url == "https://a.supabase.co"
    monkeypatch.setenv("SUPABASE_URL", "https://b.supabase.co")
    assert Settings.load().supabase_url == "https://b.supabase.co"
    given = Settings.load(supabase_url="https://c.supabase.co")
    assert given.supabase_url == "https://c.supabase.co"


def test_token_issuers_are_a_table_or_json(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = "".join(f'{name} = "{value}"\n' for name, value in ISSUER.items())
    (project / "pyproject.toml").write_text(f"[[tool.lockstitch.token_issuers]]\n{table}")
    assert Settings.load().token_issuers == (TokenIssuer(**ISSUER),)

    other = {**ISSUER, "audience": "other", "algorithms": ["EdDSA"]}
    monkeypatch.setenv("LOCKSTITCH_TOKEN_ISSUERS", json.dumps([other]))
    assert Settings.load().token_issuers == (TokenIssuer(**other),)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[{", "LOCKSTITCH_TOKEN_ISSUERS is not valid JSON"),
        ("[{}]", "LOCKSTITCH_TOKEN_ISSUERS: 0: issuer: Field required"),
        ('[{"issuer": "http://sign-in.example"}]', "0: issuer: must begin with https://"),
        ('[{"issuer": "https://a.example?x=1"}]', "0: issuer: must have neither a query"),
        ('[{"issuer": "https://[a"}]', "0: issuer: is no address"),
        (json.dumps([{**ISSUER, "algorithms": ["HS256"]}]), "0: algorithms: 0"),
        (json.dumps([{**ISSUER, "algorithms": ["none"]}]), "0: algorithms: 0"),
        (json.dumps([{**ISSUER, "algorithms": []}]), "0: algorithms"),
        (json.dumps([{**ISSUER, "secret": "x"}]), "0: secret"),
        (json.dumps([ISSUER, {**ISSUER, "audience": "b"}]), "two of them are the same issuer"),
    ],
)
def test_a_token_issuer_that_cannot_be_trusted_is_refused_by_its_place(
    project: Path, monkeypatch: pytest.MonkeyPatch, text: str, says: str
) -> None:
    monkeypatch.setenv("LOCKSTITCH_TOKEN_ISSUERS", text)

    with pytest.raises(ConfigurationError, match=re.escape(says)):
        Settings.load()


PROVIDER = {"name": "acme", "client_id": "abc", "issuer": "https://sign-in.example"}


def test_a_preset_of_a_provider_says_what_is_left_out(project: Path) -> None:
    (project / "pyproject.toml").write_text(
        "[[tool.lockstitch.sign_in_providers]]\n"
        'name = "google"\nkind = "google"\nclient_id = "abc"\n'
        "[[tool.lockstitch.sign_in_providers]]\n"
        'name = "acme"\nclient_id = "abc"\nissuer = "https://sign-in.example"\n'
    )

    google, acme = Settings.load().sign_in_providers

    assert (google.issuer, google.title) == ("https://accounts.google.com", "Google")
    assert (acme.issuer, acme.title, acme.kind) == ("https://sign-in.example", "acme", "openid")


@pytest.mark.parametrize(
    ("providers", "says"),
    [
        ([PROVIDER, PROVIDER], "two providers have the same name"),
        ([{**PROVIDER, "issuer": ""}], "0: a provider of the kind openid needs its issuer"),
        ([{**PROVIDER, "name": "../x"}], "0: name"),
        ([{**PROVIDER, "client_id": ""}], "0: client_id"),
        ([{**PROVIDER, "client_secret": "x"}], "0: client_secret"),
        ([{**PROVIDER, "kind": "facebook"}], "0: kind"),
        (["acme"], "0: "),
    ],
)
def test_a_provider_that_cannot_work_is_refused_by_its_place(
    project: Path, monkeypatch: pytest.MonkeyPatch, providers: list[object], says: str
) -> None:
    monkeypatch.setenv("LOCKSTITCH_SIGN_IN_PROVIDERS", json.dumps(providers))

    with pytest.raises(ConfigurationError, match=says) as caught:
        Settings.load()
    assert "LOCKSTITCH_SIGN_IN_PROVIDERS" in str(caught.value)


def test_another_process_reads_the_same_settings_secrets_included(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings.load(
        port=7009,
        https=True,
        secret_key=SecretStr("swordfish"),
        token_issuers=[ISSUER],
        supabase_jwt_secret=SecretStr("trout"),
        sign_in_providers=[PROVIDER],
        sign_in_secrets={"acme": SecretStr("carp")},
        trusted_proxies="10.0.0.0/8,127.0.0.1",
    )

    for name, value in settings.variables(demo_password=None).items():
        monkeypatch.setenv(name, value)

    assert Settings.load() == settings


@pytest.mark.parametrize(
    "key",
    [
        "sb_secret_abc",
        # The payload says {"role":"service_role"}, with and without a space.
        "x.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.x",
        "x.eyJyb2xlIjogInNlcnZpY2Vfcm9sZSJ9.x",
    ],
)
def test_a_key_above_every_policy_is_refused(
    project: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("SUPABASE_PUBLISHABLE_KEY", key)
    with pytest.raises(ConfigurationError, match="SUPABASE_PUBLISHABLE_KEY: is a secret") as caught:
        Settings.load()
    assert key not in str(caught.value)


@pytest.mark.parametrize("variable", ["SUPABASE_PUBLISHABLE_KEY", "SUPABASE_ANON_KEY"])
@pytest.mark.parametrize("key", ["sb_publishable_abc", "x.eyJyb2xlIjoiYW5vbiJ9.x", "a.b.c", "a"])
def test_supabase_keeps_accounts_where_url_and_key_are_given(
    project: Path, monkeypatch: pytest.MonkeyPatch, variable: str, key: str
) -> None:
    monkeypatch.setenv(variable, key)
    assert not Settings.load().keeps_accounts_on_supabase
    monkeypatch.setenv("SUPABASE_URL", "https://abc.supabase.co")
    settings = Settings.load()
    assert settings.keeps_accounts_on_supabase
    assert settings.variables()["SUPABASE_PUBLISHABLE_KEY"] == key
