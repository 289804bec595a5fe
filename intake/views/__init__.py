from intake.views.contacting import contact, contact_sent
from intake.views.saving import resume, save
from intake.views.sending import check, done
from intake.views.steps import screening, step

__all__ = ["check", "contact", "contact_sent", "done", "resume", "save", "screening", "step"]
