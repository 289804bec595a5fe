"""The staff site's pages for what the portal receives. Drafts are never shown."""

from intake.admin import questionnaires, submissions

__all__ = ["questionnaires", "submissions"]
