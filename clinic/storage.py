"""Static files as they are served: the site's style sheets joined into one, which costs a visitor one request."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

JOINED = ("css/main.css", "css/admin.css")  # lists of @import and nothing else that needs the order
IMPORT = re.compile(r'@import url\("(?P<path>[^"]+)"\)(?: layer\((?P<layer>[\w-]+)\))?(?: (?P<media>[\w-]+))?;')


def joined(sheet: Path) -> str:
    """Return a style sheet with what it imports put in place, its layer and medium around it.

    An address in an imported sheet is relative to that sheet: it is written anew, relative to the joined one.
    """

    def imported(found: re.Match[str]) -> str:
        part = sheet.parent / found["path"]
        text = re.sub(r'url\("([^"]+)"\)', lambda url: f'url("{_from(sheet, part, url[1])}")', part.read_text())
        text = f"@media {found['media']} {{\n{text}}}\n" if found["media"] else text
        return f"@layer {found['layer']} {{\n{text}}}\n" if found["layer"] else text

    return IMPORT.sub(imported, sheet.read_text())


def _from(sheet: Path, part: Path, url: str) -> str:
    target = (part.parent / url).resolve()
    return target.relative_to(sheet.parent.parent.resolve()).as_posix().join(("../", ""))


class JoinedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Hashed and compressed names, as WhiteNoise gives them, over joined style sheets."""

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        for name in JOINED:
            if name in paths and not dry_run:
                storage, path = paths[name]
                text = joined(Path(storage.path(path)))
                self.delete(name)
                self.save(name, ContentFile(text.encode()))
                paths[name] = (self, name)
        yield from super().post_process(paths, dry_run, **options)
