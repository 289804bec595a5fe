from datetime import UTC, datetime

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

PUBLISHED = datetime(2026, 11, 24, tzinfo=UTC)

TEXTS = {
    ("contact", "en"): """I ask the clinic to contact me in the way I chose.

The clinic stores what I entered here, encrypted, and its staff use it to answer me.

I know that this form is not for emergencies, and that sending it does not make me a patient of the clinic.""",
    ("contact", "es"): """Pido a la clínica que se comunique conmigo de la manera que elegí.

La clínica guarda de forma cifrada lo que escribí aquí, y su personal lo usa para responderme.

Sé que este formulario no es para emergencias y que enviarlo no me convierte en paciente de la clínica.""",
    ("screening", "en"): """I am 18 or older, and I answered for myself.

The clinic stores my answers, encrypted. Its clinicians read them to understand how I have been, and its staff use my \
contact details to reach me.

I know that this screening is not a diagnosis, that it does not decide about treatment, that it is not for \
emergencies, and that sending it does not make me a patient of the clinic.

I can ask the clinic for a copy of what I sent, and ask it to correct or delete it.""",
    ("screening", "es"): """Tengo 18 años o más y respondí por mí mismo o por mí misma.

La clínica guarda mis respuestas de forma cifrada. Sus profesionales clínicos las leen para entender cómo he estado, \
y su personal usa mis datos de contacto para comunicarse conmigo.

Sé que este cuestionario no es un diagnóstico, que no decide sobre el tratamiento, que no es para emergencias y que \
enviarlo no me convierte en paciente de la clínica.

Puedo pedir a la clínica una copia de lo que envié, y pedirle que lo corrija o lo borre.""",
}


def create(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    ConsentText = apps.get_model("intake", "ConsentText")
    for (kind, language), text in TEXTS.items():
        ConsentText.objects.create(kind=kind, language=language, version="1", text=text, published_at=PUBLISHED)


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("intake", "ConsentText").objects.filter(version="1", published_at=PUBLISHED).delete()


class Migration(migrations.Migration):
    dependencies = [("intake", "0001_initial")]

    operations = [migrations.RunPython(create, remove)]
