from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "intake"
    verbose_name = "Review desk"

    def ready(self) -> None:
        from clinic import kept
        from intake import alerts, retention  # noqa: F401  (registers what the worker does)

        kept.made_of(*(kept.rows(f"intake_{table}") for table in ("questionnaire", "consenttext")))
