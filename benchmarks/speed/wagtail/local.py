"""What `wagtail start` leaves to be set for production; its own settings import this."""

import os

from .base import INSTALLED_APPS

SECRET_KEY = "of a site that holds nothing and is seen by nobody but this measurement"
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = [*INSTALLED_APPS, "pages"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": os.environ["RIVAL_SOCKET"],
        "USER": os.environ["RIVAL_USER"],
        "NAME": "rival",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
