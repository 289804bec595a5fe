from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "intake"
    verbose_name = "Review desk"

    def ready(self) -> None:
        from clinic import kept
        from intake import alerts, metrics, past, retention  # noqa: F401  (they register what the worker does, and numbers)

        tables = ("questionnaire", "consenttext", "packet", "packetitem")
        kept.made_of(*(kept.rows(f"intake_{table}") for table in tables))
