"""Many Bundles as one zip, which is sent while it is made."""

from collections.abc import Callable, Iterable, Iterator
from io import RawIOBase
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.utils import timezone
from isal import isal_zlib

from clinic.crypto import UnreadableValue
from clinic.models import ClinicProfile
from intake.export import export
from intake.models import Erased, Submission

LEFT_OUT = "NOT-EXPORTED.txt"
BARE = -15  # window bits: deflate without a header, as a zip holds it


class Outlet(RawIOBase):
    """Holds what was written until it is taken. It cannot seek, so ZipFile writes a file's size behind it."""

    def __init__(self) -> None:
        self.held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.held += data
        return len(data)

    def take(self) -> Iterator[bytes]:
        """What is held, unless it is nothing: an empty chunk would end the answer."""
        if self.held:
            yield bytes(self.held)
            self.held.clear()


def put(archive: ZipFile, name: str, document: bytes) -> None:
    """One file more, compressed by ISA-L. ZipFile has no public way to ask for that.

    Should its attribute have another name one day, zlib compresses: slower, and as right.
    """
    about = ZipInfo(name, timezone.localtime().timetuple()[:6])
    about.compress_type = ZIP_DEFLATED
    with archive.open(about, "w") as file:
        file._compressor = isal_zlib.compressobj(wbits=BARE)  # type: ignore[attr-defined]
        file.write(document)


def zipped(
    submissions: Iterable[Submission], kind: str, *, on_left_out: Callable[[Submission], None]
) -> Iterator[bytes]:
    """One file a submission, and nothing else."""
    outlet = Outlet()
    with ZipFile(outlet, "w", ZIP_DEFLATED) as archive:
        yield from bundles(archive, outlet, submissions, kind, on_left_out=on_left_out)
    yield from outlet.take()


def bundles(
    archive: ZipFile,
    outlet: Outlet,
    submissions: Iterable[Submission],
    kind: str,
    *,
    on_left_out: Callable[[Submission], None],
) -> Iterator[bytes]:
    """One file a submission; those that were erased or cannot be decrypted are left out, and named in LEFT_OUT."""
    left_out, clinic = [], ClinicProfile.load().name
    for submission in submissions:
        try:
            put(archive, f"{submission.reference}.json", export(submission, kind, clinic=clinic))
        except UnreadableValue:
            left_out.append(f"{submission.reference}: cannot be decrypted. Its key may be missing from FIELD_KEYS.\n")
            on_left_out(submission)
        except Erased as erased:
            left_out.append(f"{erased}\n")
        yield from outlet.take()
    if left_out:
        archive.writestr(LEFT_OUT, "".join(left_out))
