"""What a page carries to name its form: signed, for one purpose, one time and this site."""

import time

import pytest
from django.core import signing

from intake.forms import ConsentForm, ContactForm
from intake.models import Draft

pytestmark = pytest.mark.django_db


def names_a_draft(token: str) -> bool:
    return ConsentForm.draft_of({"token": token}) is not None


def test_a_signed_token_is_good_for_its_own_purpose_time_and_key_only(packet, settings, monkeypatch):
    draft = Draft.objects.create(language="en", questionnaire_ids=[])
    token = signing.dumps(str(draft.pk), salt=ConsentForm.SALT)
    assert names_a_draft(token)

    settings.SECRET_KEY = "another key of the tests, which is as long as one has to be"
    by_another_site = signing.dumps(str(draft.pk), salt=ConsentForm.SALT)
    assert not names_a_draft(token)
    assert names_a_draft(by_another_site)

    in_eight_days = time.time() + 8 * 24 * 3600
    monkeypatch.setattr(time, "time", lambda: in_eight_days)
    assert not names_a_draft(by_another_site)


@pytest.mark.parametrize("spoil", ["another purpose", "another row", "without a signature", "another algorithm"])
def test_a_token_that_was_made_up_or_is_for_something_else_names_nothing(packet, spoil):
    draft, other = (Draft.objects.create(language="en", questionnaire_ids=[]) for _ in range(2))
    token = signing.dumps(str(draft.pk), salt=ConsentForm.SALT)
    value, signature = token.rsplit(":", 1)
    spoilt = {
        "another purpose": signing.dumps(str(draft.pk), salt=ContactForm.SALT),
        "another row": f"{signing.dumps(str(other.pk), salt='x').split(':')[0]}:{token.split(':', 1)[1]}",
        "without a signature": value,
        "another algorithm": signing.Signer(salt=ConsentForm.SALT, algorithm="md5").sign(value),
    }

    assert names_a_draft(token)
    assert signature
    assert not names_a_draft(spoilt[spoil])
