"""All settings, read from the environment; safe unless DEBUG says otherwise.

`make setup` writes a development `.env`. A real environment variable wins over it, and `X_FILE` may name a
file that holds `X`.
"""

from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from config.environment import read_environment

BASE_DIR = Path(__file__).resolve().parent.parent
env = read_environment(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
TESTING = env.bool("TESTING", default=False)  # set by tests/conftest.py and by nothing else

SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. Set SECRET_KEY, or SECRET_KEY_FILE to a file that holds it."
    )
if not DEBUG and SECRET_KEY.startswith("development-only-"):
    raise ImproperlyConfigured(
        "SECRET_KEY is the development one. Set a SECRET_KEY of your own, or DEBUG=true."
    )

# Where the vault's keys are. Whether the file is there and sound is a system check of `credentials`.
VAULT_KEYS_FILE = env.str("VAULT_KEYS_FILE", default="")
if VAULT_KEYS_FILE:
    VAULT_KEYS_FILE = str(BASE_DIR / VAULT_KEYS_FILE)

# The City

CITY_NAME = env.str("CITY_NAME", default="City of Hutchinson")
CITY_STATE = env.str("CITY_STATE", default="Kansas")
CITY_WEBSITE = env.str("CITY_WEBSITE", default="hutchgov.com")
CITY_PHONE = env.str("CITY_PHONE", default="(620) 555-0142")
# The office that decides in the PI Director's place when the PI Director has a conflict of interest.
ALTERNATE_AUTHORITY = env.str("ALTERNATE_AUTHORITY", default="city_manager")

# The application

INSTALLED_APPS = [
    "config",
    "approvals",
    "credentials",
    "accounts",
    "employees",
    "audit",
    "config.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "guardian",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.content_security_policy",
    "config.middleware.no_store_for_sessions",
    "config.middleware.Denials",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.city",
                "config.context.navigation",
            ],
        },
    },
]
FORM_RENDERER = "config.forms.UswdsRenderer"

# Data

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'var' / 'db.sqlite3'}")
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    if DATABASES["default"]["NAME"] != ":memory:":
        DATABASES["default"]["NAME"] = BASE_DIR / DATABASES["default"]["NAME"]
        DATABASES["default"]["NAME"].parent.mkdir(parents=True, exist_ok=True)
    # Without IMMEDIATE, two writers that both read first fail at once with "database is locked".
    # FULL: an entry that is committed before a secret is shown must survive a power cut; tests need not.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA foreign_keys=ON; "
        f"PRAGMA synchronous={'OFF' if TESTING else 'FULL'}",
    }

# People

AUTH_USER_MODEL = "employees.Employee"
AUTHENTICATION_BACKENDS = [
    "employees.backends.EmployedBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None  # guardian's anonymous user would be a grant to every visitor
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/today/"
LOGOUT_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = 8 * 60 * 60
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in [
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    ]
]

# Language and time

LANGUAGE_CODE = "en-us"
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="America/Chicago")
FORMAT_MODULE_PATH = ["config.formats"]

# Static files

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "config.static.UswdsFinder",
]
USWDS_ROOT = BASE_DIR / "node_modules" / "@uswds" / "uswds" / "dist"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "config.static.HashedStaticFilesStorage"
    },
}
MEDIA_ROOT = BASE_DIR / "var" / "media"  # never served by URL: attachments go through a view that asks who

# Mail

vars().update(env.email_url("EMAIL_URL", default="consolemail://" if DEBUG else "smtp://localhost:25"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"Official Accounts <accounts@{CITY_WEBSITE}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Security

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SECURE_SSL = env.bool("SECURE_SSL", default=not DEBUG)
SECURE_SSL_REDIRECT = SECURE_SSL
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if SECURE_SSL else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_SSL
# Says only that the domain's owner may ask browsers to list it; a name below the City's domain cannot be listed.
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=SECURE_SSL)
SESSION_COOKIE_SECURE = SECURE_SSL
CSRF_COOKIE_SECURE = SECURE_SSL
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Behind a proxy that ends TLS and sets X-Forwarded-Proto itself; without one, clients could set it.
BEHIND_TLS_PROXY = env.bool("BEHIND_TLS_PROXY", default=False)
if BEHIND_TLS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# The log of failures without sign-in: days until they are thrown away.
SECURITY_LOG_DAYS = env.int("SECURITY_LOG_DAYS", default=90)
# Denials of one person that become entries, of one address and in all; what comes beyond them is counted.
DENIALS_ALIKE_A_MINUTE = env.int("DENIALS_ALIKE_A_MINUTE", default=5)
DENIALS_A_MINUTE = env.int("DENIALS_A_MINUTE", default=60)

DEFAULT_EXCEPTION_REPORTER_FILTER = "config.reporting.AlwaysSafeFilter"

CONTENT_SECURITY_POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}

# Logging: to standard error, for whoever runs the service to collect

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {"django": {"handlers": ["console"], "level": LOG_LEVEL, "propagate": False}},
}
