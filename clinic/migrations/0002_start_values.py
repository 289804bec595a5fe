"""The clinic's one row, and the crisis lines with the day on which their own pages were read."""

from datetime import date

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

VERIFIED_ON = date(2026, 11, 23)

# Not listed on purpose: "press 3" and "text PRIDE" (988 ended that option in July 2025), and numbers of New York City,
# whose pages are dated 2016 to 2022.
CRISIS_LINES: list[dict[str, object]] = [
    {
        "label": "Life in danger now",
        "label_es": "Hay una vida en peligro",
        "call": "911",
        "call_note": "or go to the nearest emergency room",
        "call_note_es": "o vaya a la sala de emergencias más cercana",
        "in_help_panel": True,
    },
    {
        "label": "988 Suicide & Crisis Lifeline",
        "label_es": "988 Línea de Prevención del Suicidio y Crisis",
        "call": "988",
        "call_note": "free, day and night",
        "call_note_es": "gratis, de día y de noche",
        "text_to": "988",
        "chat_url": "https://988lifeline.org/",
        "in_help_panel": True,
    },
    {
        "label": "In Spanish (en español)",
        "label_es": "En español",
        "call": "988",
        "call_note": "press 2 (oprima el 2)",
        "call_note_es": "oprima el 2",
        "text_to": "988",
        "text_word": "AYUDA",
        "in_help_panel": True,
    },
    {
        "label": "Veterans Crisis Line",
        "label_es": "Línea de Crisis para Veteranos",
        "call": "988",
        "call_note": "press 1",
        "call_note_es": "oprima el 1",
        "text_to": "838255",
        "chat_url": "https://www.veteranscrisisline.net/",
        "in_help_panel": True,
    },
    {
        "label": "Deaf or hard of hearing",
        "label_es": "Personas sordas o con dificultad para oír",
        "call": "711",
        "call_note": "then 988, or your own relay service",
        "call_note_es": "luego 988, o su propio servicio de retransmisión",
    },
    {
        "label": "LGBTQ+ young people: The Trevor Project",
        "label_es": "Jóvenes LGBTQ+: The Trevor Project",
        "call": "1-866-488-7386",
        "text_to": "678-678",
    },
    {
        "label": "Crisis Text Line",
        "label_es": "Crisis Text Line (línea de crisis por mensaje de texto)",
        "text_to": "741741",
        "text_word": "HOME",
    },
    {
        "label": "Alcohol or drugs: SAMHSA Helpline",
        "label_es": "Alcohol o drogas: línea de ayuda de SAMHSA",
        "call": "1-800-662-4357",
        "call_note": "English and Spanish",
        "call_note_es": "en inglés y en español",
    },
]


def create(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    profile = apps.get_model("clinic", "ClinicProfile").objects.create(pk=1)
    CrisisLine = apps.get_model("clinic", "CrisisLine")
    for position, line in enumerate(CRISIS_LINES, start=1):
        CrisisLine.objects.create(profile=profile, position=position, verified_on=VERIFIED_ON, **line)


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("clinic", "ClinicProfile").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("clinic", "0001_initial")]

    operations = [migrations.RunPython(create, remove)]
