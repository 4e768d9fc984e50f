"""What a server is told: by options, by GROUNDWIRE_… in the environment, and by a TOML file, in this order."""

import json
import re
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from index.errors import BadInput
from index.validate import is_web_address, shown
from ui.languages import texts
from ui.options import DEFAULT_DB, DEFAULT_READER

FILE = "groundwire.toml"
PREFIX = "GROUNDWIRE_"
SHORTEST_ADMIN_KEY = 16
EVERYWHERE = "*"
HOST = r"(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])"
ORIGIN = re.compile(rf"https?://{HOST}(?::\d{{1,5}})?")
COLOUR = r"^#[0-9a-fA-F]{6}$"
Theme = Literal["auto", "light", "dark"]
THEMES: tuple[str, ...] = get_args(Theme)


def _separated(value: object) -> object:
    """In the environment a list is written as words with blanks or commas between them."""
    return re.findall(r"[^\s,]+", value) if isinstance(value, str) else value


def _lines(value: object) -> object:
    return [line.strip() for line in re.split(r"[\n;|]", value) if line.strip()] if isinstance(value, str) else value


def _from_json(value: object) -> object:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        right = '[{"key": "abc", "origins": ["https://example.org"]}]'
        raise ValueError(f"expected JSON such as {right}") from None


def _origin(value: str) -> str:
    if value == EVERYWHERE or ORIGIN.fullmatch(value):
        return value
    raise ValueError("expected an origin such as https://example.org, without a path, in small letters")


def _address(value: str) -> str:
    if is_web_address(value) and not urlsplit(value).query and not urlsplit(value).fragment:
        return value.rstrip("/")
    raise ValueError("expected an address such as https://news.example.org")


def _spoken(value: str) -> str:
    if (code := value.lower()) not in texts():
        raise ValueError(f"the pages are written in {', '.join(texts())}; choose among these")
    return code


def _long_enough(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < SHORTEST_ADMIN_KEY:
        made = "python -c 'import secrets; print(secrets.token_urlsafe(32))'"
        raise ValueError(f"is shorter than {SHORTEST_ADMIN_KEY} characters; make one with: {made}")
    return value


def _there(value: Path) -> Path:
    if not value.is_file():
        raise ValueError(f"there is no file {value}; name a picture")
    return value


Spoken = Annotated[str, AfterValidator(_spoken)]
Origin = Annotated[str, AfterValidator(_origin)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]


class SiteKey(BaseModel):
    """A public key: it tells sites apart and gives each its own quota; it is no secret."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str = Field(pattern=r"^[A-Za-z0-9._-]{3,64}$")
    origins: tuple[Origin, ...] = Field(min_length=1)
    per_minute: Count = 600


class Settings(BaseSettings):
    """Everything a server can be told; each name is the same in the file, and with GROUNDWIRE_ in the environment."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True)

    host: str = Field(default="127.0.0.1", min_length=1, description="the address to listen on; 0.0.0.0 lets others in")
    port: int = Field(default=7860, ge=1, le=65535, description="the port to listen on")
    db: str = Field(default=DEFAULT_DB, min_length=1, description="the archive")
    reader: str = Field(default=DEFAULT_READER, min_length=1, description="what reads: bundled, sentence, or a model")
    public_url: Annotated[str, AfterValidator(_address)] | None = Field(
        default=None, description="where people reach this server, behind a proxy"
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_separated)] = Field(
        default=("127.0.0.1", "::1"), description="proxies that are believed when they say whom a request is from"
    )

    allowed_origins: Annotated[tuple[Origin, ...], NoDecode, BeforeValidator(_separated)] = Field(
        default=(), description="sites whose pages may ask and may frame the chat; * for all"
    )
    site_keys: Annotated[tuple[SiteKey, ...], NoDecode, BeforeValidator(_from_json)] = Field(
        default=(), description="public keys, each with its origins and its per_minute (JSON)"
    )
    admin_key: Annotated[SecretStr, AfterValidator(_long_enough)] | None = Field(
        default=None, description="secret that lets articles be put and deleted; without it nobody can"
    )

    per_ip: Count = Field(default=120, description="requests a minute from one address")
    per_session: Count = Field(default=30, description="requests a minute in one conversation")
    asks_at_once: Count = Field(default=2, description="questions answered at the same time")
    # Fifty readers who think for 5 s between questions keep two cores at answers of 0.3 s busy, with 15 waiting and
    # hardly ever 32; these wait about 5 s, which is half the longest.
    asks_waiting: int = Field(
        default=32, ge=0, le=10_000, description="questions that may wait; those beyond are refused at once"
    )
    longest_wait: float = Field(
        default=10,
        gt=0,
        le=600,
        description="seconds that a question may wait; one that must expect more than half of it is refused at once",
    )
    answers_kept: int = Field(
        default=1000,
        ge=0,
        le=1_000_000,
        description="answers kept in memory, to be given again until the archive changes; 0 for none",
    )
    longest_question: int = Field(default=2000, ge=10, le=2000, description="characters of a question")
    largest_body: int = Field(default=65_536, ge=1024, le=10_000_000, description="bytes of a request")
    largest_article: int = Field(
        default=2_000_000, ge=1024, le=100_000_000, description="bytes of an article that is put"
    )

    title: str = Field(default="Groundwire", min_length=1, max_length=100, description="the name over the chat")
    logo: Annotated[Path, AfterValidator(_there)] | None = Field(
        default=None, description="a picture file, served at /logo"
    )
    accent: str = Field(default="#a3471f", pattern=COLOUR, description="the one colour, such as #a3471f")
    theme: Theme = Field(default="auto", description="auto, light or dark")
    languages: Annotated[tuple[Spoken, ...], NoDecode, BeforeValidator(_separated)] = Field(
        default=("en", "fr"), min_length=1, description="languages that the pages are offered in, the first by default"
    )
    tagline: str = Field(
        default="", max_length=200, description="what stands under the title, before how many articles there are"
    )
    greeting: str = Field(default="", max_length=500, description="what the chat says before the first question")
    questions: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_lines)] = Field(
        default=(),
        max_length=20,
        description="example questions (with | between them); only those that are answered show",
    )

    @property
    def origins(self) -> tuple[str, ...]:
        """Every site that may ask, with a key or without one."""
        named = (*self.allowed_origins, *(origin for key in self.site_keys for origin in key.origins))
        return (EVERYWHERE,) if EVERYWHERE in named else tuple(dict.fromkeys(named))

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """`Settings()` is the same on every machine; what reads the environment is `read_settings`."""
        return (init_settings,)


def read_settings(file: Path | None = None, **given: object) -> Settings:
    """The settings; what is `given` counts first (unless it is None). BadInput names what is wrong.

    `file`: by default groundwire.toml in the current folder, where it is there.
    """
    written = _written(file or Path(FILE), needed=file is not None)
    environment = EnvSettingsSource(Settings)()
    chosen = {name: value for name, value in given.items() if value is not None}
    try:
        return Settings.model_validate({**written, **environment, **chosen})
    except ValidationError as error:
        origins = {**dict.fromkeys(written, file or FILE), **dict.fromkeys(environment, ""), **dict.fromkeys(chosen)}
        raise BadInput("; ".join(_told(each, origins) for each in error.errors())) from None


def environment_names() -> list[tuple[str, str]]:
    """Each setting's name in the environment, with what it is and its default."""
    return [(PREFIX + name.upper(), _described(name)) for name in Settings.model_fields]


def _written(file: Path, needed: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if needed:
            raise BadInput(f"there is no file {file}; name one with --settings, or leave it out") from None
        return {}
    except OSError as error:
        raise BadInput(f"{file} cannot be read ({error.strerror}); look at its rights") from None
    except ValueError as error:  # of TOML, and of UTF-8
        raise BadInput(f"{file} is no TOML: {error}; mend it there") from None


def _told(error: Any, origins: dict[str, Any]) -> str:
    """One thing that is wrong: where it was set, what was found, and how to mend it."""
    name = str(error["loc"][0])
    if error["type"] == "extra_forbidden" and name not in Settings.model_fields:
        near = get_close_matches(name, Settings.model_fields, 1)
        advice = f"did you mean {near[0]}?" if near else "`groundwire serve --help` lists the settings"
        return f"{origins.get(name) or FILE}: there is no setting {name!r}; {advice}"
    place = {None: f"--{name}", "": PREFIX + name.upper()}.get(origins.get(name), f"{name} in {origins.get(name)}")
    inside = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"][1:])
    message = error["msg"].removeprefix("Value error, ")
    found = "" if name == "admin_key" else f", found {shown(error['input'])}"
    return f"{place}{inside}: {message[:1].lower()}{message[1:]}{found} ({Settings.model_fields[name].description})"


def _described(name: str) -> str:
    field = Settings.model_fields[name]
    default = field.default
    if isinstance(default, tuple):
        default = ", ".join(default)
    return f"{field.description}" + (f" [{default}]" if default not in (None, "") else "")
