"""What an honest visitor has at the site, which nobody else may change."""

from clinic.models import Message
from intake.models import Submission
from tests.visitor import Visitor


def kept(visitor: Visitor, sent: Submission) -> list[object]:
    """The visitor's draft, as a whole, and what was sent before: as they are in the database now."""
    draft, sent = visitor.draft, Submission.objects.get(pk=sent.pk)
    details = [(field.attname, str(getattr(sent, field.attname))) for field in sent._meta.concrete_fields]
    answers = [response.document for response in sent.responses.order_by("pk")]
    mails = Message.objects.filter(about=draft.pk).count()
    return [draft.answers, draft.reached, draft.updated_at, details, answers, mails]
