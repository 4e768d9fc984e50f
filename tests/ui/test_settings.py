"""Settings: from options, the environment and a file, and what is said of wrong ones."""

import re
from pathlib import Path

import pytest

from index.errors import BadInput
from tests.ui.conftest import run
from ui.settings import Settings, environment_names, read_settings


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name, _ in environment_names():
        monkeypatch.delenv(name, raising=False)


def wrong(file: Path | None = None, **given: object) -> str:
    with pytest.raises(BadInput) as raised:
        read_settings(file, **given)
    return str(raised.value)


def test_without_any_it_listens_to_this_machine_alone() -> None:
    settings = read_settings()
    assert (settings.host, settings.port, settings.db, settings.admin_key) == ("127.0.0.1", 7860, "groundwire.db", None)
    assert settings == Settings()
    assert settings.origins == ()


def test_options_count_before_the_environment_and_that_before_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "groundwire.toml").write_text('title = "File"\nport = 1\nhost = "0.0.0.0"\n', encoding="utf-8")
    monkeypatch.setenv("GROUNDWIRE_PORT", "2")
    monkeypatch.setenv("GROUNDWIRE_HOST", "::1")
    monkeypatch.setenv("GROUNDWIRE_TITLE", "")  # as good as not set
    settings = read_settings(host="::2", port=None)
    assert (settings.title, settings.port, settings.host) == ("File", 2, "::2")


def test_what_else_is_called_so_is_none_of_its_business(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDWIRE_CACHE", "somewhere")
    assert read_settings() == Settings()


def test_lists_in_the_environment_are_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDWIRE_ALLOWED_ORIGINS", "https://a.org, http://b.org:8080")
    monkeypatch.setenv("GROUNDWIRE_SITE_KEYS", '[{"key": "blog", "origins": ["https://c.org"], "per_minute": 5}]')
    monkeypatch.setenv("GROUNDWIRE_QUESTIONS", "Where is it? | Who said so?")
    settings = read_settings()
    assert settings.origins == ("https://a.org", "http://b.org:8080", "https://c.org")
    assert (settings.site_keys[0].key, settings.site_keys[0].per_minute) == ("blog", 5)
    assert settings.questions == ("Where is it?", "Who said so?")


def test_a_file_holds_keys_as_tables(tmp_path: Path) -> None:
    file = tmp_path / "news.toml"
    file.write_text('allowed_origins = ["*"]\n[[site_keys]]\nkey = "blog"\norigins = ["https://c.org"]\n')
    settings = read_settings(file)
    assert settings.site_keys[0].origins == ("https://c.org",)
    assert settings.origins == ("*",)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "many", "GROUNDWIRE_PORT: input should be a valid integer.* found 'many' .the port to listen on"),
        ("PORT", "70000", "GROUNDWIRE_PORT: input should be less than or equal to 65535, found '70000'"),
        ("ALLOWED_ORIGINS", "example.org", r"GROUNDWIRE_ALLOWED_ORIGINS\[0\]: expected an origin such as https://"),
        ("ALLOWED_ORIGINS", "https://a.org/", "without a path"),
        ("SITE_KEYS", "blog", "GROUNDWIRE_SITE_KEYS: expected JSON such as"),
        ("SITE_KEYS", '[{"key": "blog"}]', r"GROUNDWIRE_SITE_KEYS\[0\].origins: field required"),
        ("ADMIN_KEY", "hunter2", "GROUNDWIRE_ADMIN_KEY: is shorter than 16 characters; make one with: python"),
        ("PUBLIC_URL", "news", "GROUNDWIRE_PUBLIC_URL: expected an address such as https://"),
        ("THEME", "pink", "GROUNDWIRE_THEME: input should be 'auto', 'light' or 'dark', found 'pink'"),
        ("LANGUAGES", "fr de", r"GROUNDWIRE_LANGUAGES\[1\]: the pages are written in en, fr.*, found 'de'"),
        ("LOGO", "none.png", "GROUNDWIRE_LOGO: there is no file none.png; name a picture"),
        ("ACCENT", "red", "GROUNDWIRE_ACCENT: .* such as #a3471f"),
    ],
)
def test_a_wrong_setting_is_named_with_what_was_found_and_what_is_right(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"GROUNDWIRE_{name}", value)
    message = wrong()
    assert re.search(said, message)
    assert "hunter2" not in message


def test_it_says_where_the_wrong_one_was_set(tmp_path: Path) -> None:
    file = tmp_path / "news.toml"
    file.write_text("port = 0\n")
    assert wrong(file).startswith(f"port in {file}: ")
    assert wrong(port=0).startswith("--port: ")


def test_an_unknown_name_in_the_file_is_told_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "groundwire.toml").write_text('titel = "News"\nxyz = 1\n')
    message = wrong()
    assert "groundwire.toml: there is no setting 'titel'; did you mean title?" in message
    assert "there is no setting 'xyz'; `groundwire serve --help` lists the settings" in message


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    assert "there is no file" in wrong(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_bytes(b"port = \xff")
    assert f"{tmp_path / 'bad.toml'} is no TOML" in wrong(tmp_path / "bad.toml")
    (tmp_path / "worse.toml").write_text("port =")
    assert "mend it there" in wrong(tmp_path / "worse.toml")


def test_the_admin_key_is_not_shown() -> None:
    assert "0123456789abcdef" not in repr(read_settings(admin_key="0123456789abcdef"))


def test_the_help_lists_every_setting() -> None:
    shown = run("serve", "--help")
    assert shown.returncode == 0
    names = [f"GROUNDWIRE_{name.upper()}" for name in Settings.model_fields]
    assert [name for name, _ in environment_names()] == names
    assert all(re.search(rf"^  {name}\b", shown.stdout, re.MULTILINE) for name in names)
    assert all(field.description for field in Settings.model_fields.values())


def test_a_wrong_setting_is_one_line_of_the_command() -> None:
    failed = run("serve", GROUNDWIRE_PORT="many")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr.startswith("groundwire: GROUNDWIRE_PORT: ") and failed.stderr.count("\n") == 1
