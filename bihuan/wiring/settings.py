"""Django's settings, read from the environment once.

BIHUAN_DATA      the data folder (default ./data)
BIHUAN_DATABASE  a postgresql:// address; without it SQLite files in the data folder
BIHUAN_HOSTS     further host names of the site, separated by commas
BIHUAN_HEADS_TO  folders to which each signed head is copied, separated by the path separator
BIHUAN_METRICS_TOKEN  who brings it as a bearer token may read /metrics; none: /metrics is off
BIHUAN_DEADMAN_URL    where the watchdog reports each minute while all moves
BIHUAN_INTAKE_PORT  where the gateway takes what senders post by HTTP; 0 any free port
BIHUAN_HTTPS     1 where the site is reached by HTTPS: cookies are then sent by HTTPS only; 1 by
                 itself where `bihuan tls init` made a certificate
BIHUAN_MQTT      the broker that the gateway hears, mqtts://user@host:port; none without it
BIHUAN_SPOOLS    host:port of each spool in an internet zone that the gateway pulls from, by commas
BIHUAN_SPOOLS_AT host:port where spools dial the gateway, for zones that may only dial inwards
BIHUAN_SPOOL_KEY a file with the key shared with the spools: 64 hex digits
BIHUAN_MQTT_PASSWORD, _CA, _CLIENT, _SYSTEMS, _RULES  as docs/mqtt.md says
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from bihuan.base.errors import bad

BIHUAN_DATA = Path(os.environ.get("BIHUAN_DATA", "data")).absolute()
BIHUAN_DATABASE = os.environ.get("BIHUAN_DATABASE", "")
BIHUAN_HEADS_TO = [
    Path(name) for name in os.environ.get("BIHUAN_HEADS_TO", "").split(os.pathsep) if name
]
BIHUAN_METRICS_TOKEN = os.environ.get("BIHUAN_METRICS_TOKEN", "")
BIHUAN_DEADMAN_URL = os.environ.get("BIHUAN_DEADMAN_URL", "")
if BIHUAN_DEADMAN_URL and not BIHUAN_DEADMAN_URL.startswith(("https://", "http://")):
    raise bad("BIHUAN_DEADMAN_URL", BIHUAN_DEADMAN_URL, "an address with https:// or http://")
BIHUAN_INTAKE_PORT = os.environ.get("BIHUAN_INTAKE_PORT", "")
BIHUAN_SPOOLS = os.environ.get("BIHUAN_SPOOLS", "")
BIHUAN_SPOOLS_AT = os.environ.get("BIHUAN_SPOOLS_AT", "")
BIHUAN_SPOOL_KEY = os.environ.get("BIHUAN_SPOOL_KEY", "")
BIHUAN_MQTT = os.environ.get("BIHUAN_MQTT", "")
BIHUAN_MQTT_PASSWORD = os.environ.get("BIHUAN_MQTT_PASSWORD", "")
BIHUAN_MQTT_CA = os.environ.get("BIHUAN_MQTT_CA", "")
BIHUAN_MQTT_CLIENT = os.environ.get("BIHUAN_MQTT_CLIENT", "bihuan-gateway")
BIHUAN_MQTT_SYSTEMS = os.environ.get("BIHUAN_MQTT_SYSTEMS", "")
BIHUAN_MQTT_RULES = os.environ.get("BIHUAN_MQTT_RULES", "")
HERE = Path(__file__).resolve().parent.parent


def MAKE_SECRET() -> str:  # noqa: N802 - Django keeps only capital names
    """The secret of this installation, made at its first start."""
    path = BIHUAN_DATA / "secret.key"
    if not path.exists():
        BIHUAN_DATA.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"secret.{os.getpid()}")
        fresh.write_text(secrets.token_urlsafe(50))
        fresh.chmod(0o600)
        with suppress(FileExistsError):  # the first of several processes wins
            os.link(fresh, path)
        fresh.unlink()
    return path.read_text()


# a server that no longer answers is noticed within these, and not after the system's hours
SOON_GONE: dict[str, Any] = {
    "connect_timeout": 5,
    "tcp_user_timeout": 15_000,  # ms
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}


def _sqlite(name: str) -> dict[str, Any]:
    return {
        "ENGINE": "bihuan.journal.sqlite",
        "NAME": BIHUAN_DATA / name,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 5,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            " PRAGMA busy_timeout=5000; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;",
        },
        "TEST": {"NAME": BIHUAN_DATA / f"test-{name}"},
    }


def _postgres(address: str) -> dict[str, Any]:
    parts = conninfo_to_dict(address)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", "bihuan"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "")),
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": 60,
        "OPTIONS": SOON_GONE | parts,  # what else the address says, such as sslmode
    }


# commands that need no county (`bihuan decode`) leave no folder behind
SECRET_KEY = MAKE_SECRET() if BIHUAN_DATA.exists() else secrets.token_urlsafe(50)
DEBUG = False
DATABASES: dict[str, Any] = (
    {"default": _postgres(BIHUAN_DATABASE)}
    if BIHUAN_DATABASE
    else {"default": _sqlite("main.db"), "readings": _sqlite("readings.db")}
)
DATABASE_ROUTERS = ["bihuan.journal.storage.JournalRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "axes",
    "bihuan.journal",
    "bihuan.register",
    "bihuan.rules",
    "bihuan.loop",
    "bihuan.figures.published",
    "bihuan.figures.bulletins",
    "bihuan.figures",
    "bihuan.console",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "bihuan.console.access.compressed.Compressed",  # sees WhiteNoise's files as well
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "bihuan.wiring.urls"
ASGI_APPLICATION = "bihuan.wiring.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "bihuan.console.pages.common",
            ]
        },
    }
]
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "testserver"]
ALLOWED_HOSTS += [name for name in os.environ.get("BIHUAN_HOSTS", "").split(",") if name]
_TLS = BIHUAN_DATA / "tls"
if (_TLS / "hosts.txt").exists():  # written by `bihuan tls init`
    ALLOWED_HOSTS += (_TLS / "hosts.txt").read_text().split()
IS_HTTPS = os.environ.get("BIHUAN_HTTPS", "1" if (_TLS / "site.crt").exists() else "") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600  # a shift
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CSRF_TRUSTED_ORIGINS = [f"https://{name}" for name in ALLOWED_HOSTS if IS_HTTPS]
_SELF = "'self'"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [_SELF],
        "img-src": [_SELF, "data:", "blob:"],
        "style-src-attr": ["'unsafe-inline'"],  # widths of ladder bars
        "frame-ancestors": [_SELF],
        "form-action": [_SELF],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "board"
LOGOUT_REDIRECT_URL = "sign_in"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "bihuan.console.signin.pages.locked_out"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # who is told 15 minutes waits 15 minutes
# what is kept of a wrong attempt: no password under any of our fields' names, no code
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "old", "new", "again", "code"]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [HERE / "console" / "locale"]
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
