from collections.abc import Iterator

import pytest

from tests import mail
from tests.signing import made_person_with_app


@pytest.fixture
def mail_server(settings) -> Iterator[mail.MailServer]:
    with mail.mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture
def outside_local_mode(settings):
    settings.LOCAL = False


@pytest.fixture
def ada():
    return made_person_with_app(is_superuser=True)
