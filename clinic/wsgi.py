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

# The collector of garbage need not look at what the start made, in the middle of a page: docs/decisions.md.
gc.collect()
gc.freeze()
