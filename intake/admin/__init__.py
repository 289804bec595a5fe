"""The staff site's pages for what the portal receives. Drafts are never shown."""

from intake.admin import questionnaires, replies, submissions

__all__ = ["questionnaires", "replies", "submissions"]
