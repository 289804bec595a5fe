"""What search engines are told of a page and of the clinic, as JSON-LD. It says nothing that the page does not show."""

import json
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from clinic.models import ClinicProfile
from content.models import Edition, Page
from content.rendering import Listed, Rendered

ON_KETAMINE = ("home", "why-ketamine", "types", "mechanism", "side-effects", "notes", "your-visit")
CLINIC_PAGES = ("home", "about")
UNSAFE = {ord(letter): f"\\u{ord(letter):04X}" for letter in "<>&"}  # they could end the script element


def script(page: Edition | Page, rendered: Rendered, clinic: ClinicProfile | None) -> SafeString:
    """The script element, which holds data and is never run."""
    data = {"@context": "https://schema.org", "@graph": graph(page, rendered, clinic)}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(UNSAFE)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # nosec B308 # UNSAFE is escaped


def graph(page: Edition | Page, rendered: Rendered, clinic: ClinicProfile | None) -> list[dict[str, Any]]:
    confirmed = clinic if clinic and clinic.confirmed_on else None
    about_clinic = clinic_of(confirmed) if confirmed and page.slug in CLINIC_PAGES else []
    return [page_of(page, rendered, confirmed), *about_clinic]


def page_of(page: Edition | Page, rendered: Rendered, clinic: ClinicProfile | None) -> dict[str, Any]:
    """A page that cites nothing, such as that on privacy, makes no medical statement."""
    found: dict[str, Any] = {
        "@type": "MedicalWebPage" if rendered.sources else "WebPage",
        "url": settings.SITE_URL + page.get_absolute_url(),
        "name": page.title,
        "description": rendered.description,
        "inLanguage": page.language,
    }
    if isinstance(page, Edition):
        found["dateModified"] = page.live_at.isoformat(timespec="seconds")
    if page.is_reviewed and page.review:
        found["lastReviewed"] = page.review.reviewed_on.isoformat()
        found["reviewedBy"] = {"@type": "Person", "name": page.review.reviewed_by.get_full_name()}
    if clinic:
        found["publisher"] = {"@type": "Organization", "name": clinic.name, "url": f"{settings.SITE_URL}/"}
    if page.slug in ON_KETAMINE:
        found["about"] = {"@type": "Drug", "name": gettext("Ketamine")}
    if rendered.sources:
        found["citation"] = [_citation(source) for source in rendered.sources]
    return found


def clinic_of(clinic: ClinicProfile) -> list[dict[str, Any]]:
    """What the clinic has confirmed of itself. Its hours are written for people, so they are left out."""
    name = f"{settings.SITE_URL}/#clinic"
    given = {"telephone": clinic.phone, "email": clinic.email, "address": " ".join(clinic.address.split())}
    found: list[dict[str, Any]] = [
        {
            "@type": "MedicalClinic",
            "@id": name,
            "name": clinic.name,
            "url": f"{settings.SITE_URL}/",
            **{key: value for key, value in given.items() if value},
        }
    ]
    if clinic.physician:
        found.append({"@type": "Physician", "name": clinic.physician, "parentOrganization": {"@id": name}})
    return found


def _citation(source: Listed) -> dict[str, str]:
    link = {"url": source.reference.link} if source.reference.link else {}
    return {"@type": "CreativeWork", "name": source.reference.text, **link}
