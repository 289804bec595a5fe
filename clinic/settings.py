"""Settings come from the environment only; clinic/environment.py says what is missing or malformed."""

from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured
from environ import Env

from clinic import environment

django_stubs_ext.monkeypatch()  # so that a class may name its model: admin.ModelAdmin[Submission]

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()

LOCAL = environment.flag(env, "LOCAL")  # trials on one computer: loopback, plain http, sample data
DEBUG = environment.flag(env, "DEBUG")
SECRET_KEY = environment.secret_key(env)
FIELD_KEYS = environment.field_keys(env, local=LOCAL)
ALLOWED_HOSTS = environment.allowed_hosts(env, local=LOCAL)
SITE_URL = environment.site_url(env, local=LOCAL, hosts=ALLOWED_HOSTS)
TRUSTED_PROXIES = environment.trusted_proxies(env)

if DEBUG and not LOCAL:
    raise ImproperlyConfigured("DEBUG shows patient data on error pages. Unset it, or set LOCAL=1 as well for a trial.")

DATABASES = {"default": environment.database(env)}

_mail = environment.mail(env, local=LOCAL)
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST = _mail["EMAIL_HOST"]
EMAIL_PORT = _mail["EMAIL_PORT"]
EMAIL_HOST_USER = _mail["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
EMAIL_FILE_PATH = _mail["EMAIL_FILE_PATH"]
EMAIL_TIMEOUT = 20  # seconds
DEFAULT_FROM_EMAIL = SERVER_EMAIL = environment.sender(SITE_URL)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "csp",
    "crispy_forms",
    "allauth.account",
    "allauth.mfa",
    "simple_history",
    "clinic",
    "content",
    "intake",
    "clinic.apps.StaffSiteConfig",
]

MIDDLEWARE = [
    "clinic.metrics.serving.MetricsMiddleware",
    "clinic.middleware.RequestMiddleware",
    "clinic.middleware.LanguageMiddleware",
    "clinic.middleware.PolicyMiddleware",  # this and the next two set headers: whatever answers comes after them
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "clinic.gate.GateMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "clinic.signin.middleware.StaffSession",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "clinic.signin.middleware.StaffAccount",
    "clinic.signin.middleware.StaffMessages",
    "allauth.account.middleware.AccountMiddleware",
    "clinic.signin.middleware.StaffSessionEnd",
    "clinic.signin.middleware.StaffHistory",
]

ROOT_URLCONF = "clinic.urls"
WSGI_APPLICATION = "clinic.wsgi.application"
AUTH_USER_MODEL = "clinic.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clinic.context.clinic",
                "clinic.context.languages",
                "content.context.menu",
            ],
        },
    },
]

# Sign-in of staff: clinic/signin/. That a second factor is needed depends on LOCAL and on nothing else.
AUTHENTICATION_BACKENDS = ["clinic.signin.backends.StaffBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
PASSWORD_MIN_LENGTH = 15
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": PASSWORD_MIN_LENGTH},
    },
    {"NAME": "clinic.passwords.BreachedPasswordValidator"},
    {"NAME": "clinic.passwords.ClinicWordsValidator", "OPTIONS": {"min_length": PASSWORD_MIN_LENGTH}},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
STAFF_IDLE_MINUTES = 15
STAFF_SESSION_HOURS = 12
SIGN_IN_TRIES = 10  # at one account's password, and at its second factor
SIGN_IN_WAIT_MINUTES = 15  # until they count anew
SILENCED_SYSTEM_CHECKS = [
    "auth.W004",  # an address is unique among the accounts that are not deleted
    "security.W021",  # wants SECURE_HSTS_PRELOAD: docs/decisions.md
]

ACCOUNT_ADAPTER = "clinic.signin.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]  # asked for by its checks; nobody signs up
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = False  # they count in one process, by address; clinic/limits.py counts for all
ACCOUNT_FORMS = {
    "login": "clinic.signin.forms.SignInForm",
    "change_password": "clinic.signin.forms.ChangePasswordForm",
}
MFA_ADAPTER = "clinic.signin.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_RATE_LIMITS = False
MFA_TOTP_TOLERANCE = 1  # steps of 30 seconds that a telephone's clock may be off
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False  # browsers and the check of the origin let http://localhost through
MFA_FORMS = {
    "authenticate": "clinic.signin.forms.CodeForm",
    "authenticate_webauthn": "clinic.signin.forms.PasskeyForm",
    "activate_totp": "clinic.signin.forms.AddAppForm",
    "add_webauthn": "clinic.signin.forms.AddPasskeyForm",
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["clinic.formats"]
TIME_ZONE = "America/New_York"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = None if LOCAL else BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if LOCAL
        else "clinic.storage.JoinedStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = LOCAL  # a trial needs no collectstatic
WHITENOISE_ALLOW_ALL_ORIGINS = False  # no other site may read anything of ours

CRISPY_TEMPLATE_PACK = "forms"
CRISPY_ALLOWED_TEMPLATE_PACKS = ["forms"]

# Cookies and transport. LOCAL serves plain http on loopback; everything else is https only.
SECURE_SSL_REDIRECT = not LOCAL
SECURE_SSL_HOST = urlsplit(SITE_URL).netloc  # whatever host was asked for
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # load balancers ask in plain http
SECURE_PROXY_SSL_HEADER = (
    "HTTP_X_FORWARDED_PROTO",
    "https",
)  # RequestMiddleware drops it unless TRUSTED_PROXIES
SECURE_HSTS_SECONDS = 0 if LOCAL else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not LOCAL
SECURE_HSTS_PRELOAD = False  # docs/decisions.md
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
COOKIE_PREFIX = "" if LOCAL else "__Host-"
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}session"
SESSION_COOKIE_SECURE = not LOCAL
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = STAFF_SESSION_HOURS * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
DEVICE_COOKIE_NAME = f"{COOKIE_PREFIX}device"  # a browser in which somebody signed in before
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrf"
CSRF_COOKIE_SECURE = not LOCAL
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_AGE = None  # until the browser is closed: the next person at it must not see who asked a clinic for help
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # never in a cookie
CSRF_FAILURE_VIEW = "clinic.views.csrf_failure"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
        "require-trusted-types-for": ["'script'"],  # not in the admin, whose jQuery writes HTML: clinic/site.py
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000  # bytes
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]  # nothing goes to a disk

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "clinic.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {  # that have handlers of their own
        **{name: {"handlers": [], "level": "INFO", "propagate": True} for name in ("django", "django.server")},
        **{name: {"handlers": [], "propagate": True} for name in ("_granian", "granian.access")},
    },
}

FHIR_BASE_URL = "https://clinic.example/fhir"  # identity of our own extensions and code systems; never fetched
