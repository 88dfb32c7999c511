"""All settings, read from the environment; safe unless DEBUG says otherwise.

`make setup` writes a development `.env`. A real environment variable wins over it, and `X_FILE` may name a
file that holds `X`.
"""

from datetime import timedelta
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
if not VAULT_KEYS_FILE and env.str(
    "CREDENTIALS_DIRECTORY", default=""
):  # systemd's LoadCredential=vault.keys:…
    VAULT_KEYS_FILE = str(Path(env.str("CREDENTIALS_DIRECTORY")) / "vault.keys")
if VAULT_KEYS_FILE:
    VAULT_KEYS_FILE = str(BASE_DIR / VAULT_KEYS_FILE)

# The key that signs the ledger's checkpoints: another file, and better another disk. See docs/operations.md.
LEDGER_KEY_FILE = env.str("LEDGER_KEY_FILE", default="")
if LEDGER_KEY_FILE:
    LEDGER_KEY_FILE = str(BASE_DIR / LEDGER_KEY_FILE)
# Who keeps a copy of every checkpoint where Information Technology cannot reach it.
LEDGER_CHECKPOINT_TO = env.list("LEDGER_CHECKPOINT_TO", default=[])

# The City

CITY_NAME = env.str("CITY_NAME", default="City of Hutchinson")
CITY_STATE = env.str("CITY_STATE", default="Kansas")
CITY_WEBSITE = env.str("CITY_WEBSITE", default="hutchgov.com")
CITY_PHONE = env.str("CITY_PHONE", default="(620) 555-0142")
# The office that decides in the PI Director's place when the PI Director has a conflict of interest.
ALTERNATE_AUTHORITY = env.str("ALTERNATE_AUTHORITY", default="city_manager")

# Access reviews: every so many months (0: by date alone), so many days to decide; overdue ones go a step up, and again
# after so many days.
REVIEW_EVERY_MONTHS = env.int("REVIEW_EVERY_MONTHS", default=6)
REVIEW_DAYS = env.int("REVIEW_DAYS", default=21)
REVIEW_ESCALATION_DAYS = env.int("REVIEW_ESCALATION_DAYS", default=7)

# Public records: when a request is due, and what is closed on which ground. The defaults are Kansas's.
RECORDS_LAW = env.str("RECORDS_LAW", default="Kansas Open Records Act, K.S.A. 45-215 et seq.")
RECORDS_BUSINESS_DAYS = env.int("RECORDS_BUSINESS_DAYS", default=3)  # K.S.A. 45-218(d)
_SECURITY = "K.S.A. 45-221(a)(12): security information, whose disclosure would jeopardize security"
_PERSONNEL = "K.S.A. 45-221(a)(4): individually identifiable personnel records"
_PRIVACY = "K.S.A. 45-221(a)(30): clearly unwarranted invasion of personal privacy"
# Column of the export, or matter that no export holds: on which ground it is closed.
RECORDS_CLOSED: dict[str, str] = env.json(
    "RECORDS_CLOSED",
    default={
        "employee_number": _PERSONNEL,
        "reason": _PERSONNEL,
        "knows_current_version": _SECURITY,
        "still_present_on_platform": _SECURITY,
        "recovery_data": _SECURITY,
        "unmended_gaps": _SECURITY,
        "personal_addresses": _PRIVACY,
    },
)

# Working days: holidays of CITY_STATE, and days (2026-11-27) that the City has more or fewer.
HOLIDAYS_MORE = env.list("HOLIDAYS_MORE", default=[])
HOLIDAYS_FEWER = env.list("HOLIDAYS_FEWER", default=[])
# Working days for each step of a request; then it is overdue and escalates.
ENDORSE_WITHIN_DAYS = env.int("ENDORSE_WITHIN_DAYS", default=3)
DECIDE_WITHIN_DAYS = env.int("DECIDE_WITHIN_DAYS", default=5)
SET_UP_WITHIN_DAYS = env.int("SET_UP_WITHIN_DAYS", default=10)
# Calendar days after which a request returned for changes and forgotten is warned of, and expires.
RETURNED_WARNED_DAYS = env.int("RETURNED_WARNED_DAYS", default=83)
RETURNED_EXPIRES_DAYS = env.int("RETURNED_EXPIRES_DAYS", default=90)
# A profile is confirmed to follow the policy every so many days, within so many working days.
PROFILE_REVIEW_DAYS = env.int("PROFILE_REVIEW_DAYS", default=365)
PROFILE_REVIEW_WITHIN_DAYS = env.int("PROFILE_REVIEW_WITHIN_DAYS", default=20)

# The application

INSTALLED_APPS = [
    # Before "config", so that its admin module can take theirs off the admin.
    "post_office",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "allauth.usersessions",
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
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "django.forms",
    "guardian",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.content_security_policy",
    "config.middleware.open_data",
    "config.middleware.no_store_for_sessions",
    "config.middleware.Denials",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.signin.enrolment.eight_hours_and_a_second_factor",
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

if DATABASES["default"]["ENGINE"].endswith("postgresql"):
    # Whoever holds a lock for longer has died or hangs: the rest is told so, instead of waiting for ever.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c lock_timeout=20s")

# People

AUTH_USER_MODEL = "employees.Employee"
AUTHENTICATION_BACKENDS = [
    "employees.backends.EmployedBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None  # guardian's anonymous user would be a grant to every visitor
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/today/"
LOGOUT_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = 8 * 60 * 60  # counted from signing in, not from the last click
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in [
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    ]
]

# Signing in: e-mail and password, or single sign-on; then a second factor

ACCOUNT_ADAPTER = "config.signin.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # work e-mails come from the personnel file
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_FORMS = {"login": "config.signin.forms.SignInForm"}
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "20/m/ip,5/5m/key",
    "reauthenticate": "20/m/user,40/m/ip",
    "reset_password": "10/m/ip",
}
# For each person and each address: how many reveals before "later".
REVEAL_RATE = env.str("REVEAL_RATE", default="20/m/user,60/m/ip")
# Reports of impostors from one address, without sign-in, before "later".
REPORT_RATE = env.str("REPORT_RATE", default="5/h/ip")
# So many distinct accounts revealed by one person within so many seconds, outside a rotation, are an alert.
REVEAL_BURST_ACCOUNTS = env.int("REVEAL_BURST_ACCOUNTS", default=5)
REVEAL_BURST_SECONDS = env.int("REVEAL_BURST_SECONDS", default=600)

# Whether somebody else than who changed a password on the platform must verify it.
ROTATION_SECOND_PERSON = env.bool("ROTATION_SECOND_PERSON", default=False)

MFA_ADAPTER = "config.signin.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = f"{CITY_NAME} Official Accounts"
MFA_TOTP_TOLERANCE = 1  # a telephone's clock may be one step of 30 seconds off
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG or TESTING  # http://127.0.0.1
MFA_FORMS = {
    "authenticate": "config.signin.forms.CodeForm",
    "reauthenticate": "config.signin.forms.CodeAgainForm",
}
# How long one use of the second factor serves acts that want it: reveals, rotations, decisions, exports, resets.
STEP_UP_SECONDS = env.int("STEP_UP_SECONDS", default=300)
ACCOUNT_REAUTHENTICATION_TIMEOUT = STEP_UP_SECONDS

# Single sign-on through OpenID Connect: on as soon as SSO_CLIENT_ID is set. See docs/operations.md.
SOCIALACCOUNT_ADAPTER = "config.signin.adapters.SingleSignOnAdapter"
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_LOGIN_ON_GET = True  # a form would be stopped by form-action on its way to the provider
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = ""
SSO_CLIENT_ID = env.str("SSO_CLIENT_ID", default="")
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
if SSO_CLIENT_ID:
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "city",
                "name": env.str("SSO_NAME", default="Microsoft Entra ID"),
                "client_id": SSO_CLIENT_ID,
                "secret": env.str("SSO_CLIENT_SECRET"),
                "settings": {
                    "server_url": env.str("SSO_SERVER_URL"),
                    # Domains whose addresses this provider vouches for without saying `email_verified`.
                    "verified_email": env.list("SSO_EMAIL_DOMAINS", default=[]),
                },
            }
        ],
    }

# Language and time

LANGUAGE_CODE = "en-us"
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="America/Chicago")
FORMAT_MODULE_PATH = ["config.formats"]

# Rate limits and used codes are counted here, so all processes must share it.

CACHES = {
    "default": env.cache_url(
        "CACHE_URL", default="locmemcache://" if DEBUG or TESTING else "dbcache://oa_cache"
    )
}

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
# Never served by URL: attachments go through a view that asks who.
MEDIA_ROOT = BASE_DIR / env.str("MEDIA_ROOT", default="var/media")

# Mail

vars().update(env.email_url("EMAIL_URL", default="consolemail://" if DEBUG else "smtp://localhost:25"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"Official Accounts <accounts@{CITY_WEBSITE}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 20
# Where this service is reached: links in mails begin with it.
SITE_URL = env.str(
    "SITE_URL", default="http://127.0.0.1:8000" if DEBUG else f"https://accounts.{CITY_WEBSITE}"
).rstrip("/")
# Mails wait in an outbox for `manage.py send_mail`. What the mail server refuses is tried for a week.
POST_OFFICE: dict[str, Any] = {
    "MAX_RETRIES": env.int("MAIL_TRIES", default=7 * 24 * 4),
    "RETRY_INTERVAL": timedelta(seconds=env.int("MAIL_RETRY_SECONDS", default=15 * 60)),
    "BATCH_SIZE": 5,  # mails that may come twice when the sender is killed, always under one Message-ID
    "SENDING_ORDER": ["-priority", "pk"],
    "LOG_LEVEL": 1,
    "CELERY_ENABLED": False,
}

# The City's backup touches this file when it is done; Status and /healthz say when that is too long ago.
BACKUP_STAMP_FILE = env.str("BACKUP_STAMP_FILE", default="")
BACKUP_WITHIN_HOURS = env.int("BACKUP_WITHIN_HOURS", default=26)

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
if env.bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# How many proxies of one's own write X-Forwarded-For: rate limits and the security log believe no more than that.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
# The log of failures without sign-in: days until they are thrown away.
SECURITY_LOG_DAYS = env.int("SECURITY_LOG_DAYS", default=90)
# The city's retention schedule, as it is shown: what, how long, by which rule. Nothing is ever deleted here.
RETENTION_SCHEDULE: list[list[str]] = env.json(
    "RETENTION_SCHEDULE",
    default=[
        [
            "Access history and ledger",
            "Permanent here",
            "The application deletes nothing that history mentions",
        ],
        [
            "Requests, decisions, access reviews",
            "As long as the account exists, and as the City's schedule says after that",
            "City retention schedule; K.S.A. 45-401 et seq. (Government Records Preservation Act)",
        ],
        [
            "Log of failed sign-ins",
            f"{SECURITY_LOG_DAYS} days",
            "Not a record of decisions; pruned by the daily run",
        ],
    ],
)
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
    "loggers": {
        "django": {"handlers": ["console"], "level": LOG_LEVEL, "propagate": False},
        # Named here, or django-post-office hangs a handler of its own on it.
        "post_office": {"handlers": ["console"], "level": "WARNING", "propagate": False},
    },
}
