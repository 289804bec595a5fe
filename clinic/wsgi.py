import gc
import os

import django

from clinic import logs, waiting

logs.take_over()
waiting.install()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
django.setup(set_prefix=False)

from clinic.kept.serving import Application, Watch  # noqa: E402  (it needs the settings)

application = Application()
Watch(application).start()

# A full look at all objects took a third of a second in the middle of a page of the desk: docs/decisions.md.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
