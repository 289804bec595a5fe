"""The three pages, out of the site's own texts: manage.py shell < pages/fill.py"""

import json
import os
from pathlib import Path

from wagtail.models import Site

from pages.models import FormField, FormPage, TextPage

texts = json.loads((Path(os.environ["RIVAL_FOLDER"]) / "texts.json").read_text(encoding="utf-8"))
root = Site.objects.get(is_default_site=True).root_page
root.add_child(instance=TextPage(title=texts["title"], slug="text", body=texts["body"]))
fields = {
    "contact": texts["contact"],
    "questions": [
        {"label": question["label"], "field_type": "radio", "choices": "\n".join(question["options"])}
        for question in texts["questions"]
    ],
}
for slug, rows in fields.items():
    page = FormPage(title=slug, slug=slug, intro="<p>Please fill this in.</p>", thank_you_text="<p>Thank you.</p>")
    page.form_fields = [FormField(sort_order=order, **row) for order, row in enumerate(rows)]
    root.add_child(instance=page)
