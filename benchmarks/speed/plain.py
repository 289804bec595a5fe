"""What the site is compared with on its own server: a Django that does next to nothing, and one with a plain form."""

import json
import os
from pathlib import Path

from django import forms
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

FOLDER = Path(os.environ["RIVAL_FOLDER"])
TEXTS = json.loads((FOLDER / "texts.json").read_text(encoding="utf-8"))
TEMPLATE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Questions</title></head>
<body><h1>Questions</h1><form method="post">{% csrf_token %}{{ form }}<button>Continue</button></form></body></html>"""
MIDDLEWARE = [  # as `startproject` makes it
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

settings.configure(
    SECRET_KEY="of a site that holds nothing and is seen by nobody but this measurement",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[f"django.contrib.{name}" for name in ("auth", "contenttypes", "sessions", "messages")],
    MIDDLEWARE=MIDDLEWARE if os.environ["RIVAL_MIDDLEWARE"] == "usual" else [],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "loaders": [
                    (
                        "django.template.loaders.cached.Loader",
                        [("django.template.loaders.locmem.Loader", {"form.html": TEMPLATE})],
                    )
                ],
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ],
            },
        }
    ],
)


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def form(request: HttpRequest) -> HttpResponse:
    return render(request, "form.html", {"form": QuestionsForm()})


urlpatterns = [path("empty/", empty), path("form/", form)]
application = get_wsgi_application()

QuestionsForm = type(
    "QuestionsForm",
    (forms.Form,),
    {
        f"question_{number}": forms.ChoiceField(
            label=question["label"],
            choices=list(enumerate(question["options"])),
            widget=forms.RadioSelect,
        )
        for number, question in enumerate(TEXTS["questions"])
    },
)
