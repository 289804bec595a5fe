from django.apps import AppConfig
from django.contrib.admin import apps as admin


class ClinicConfig(AppConfig):
    name = "clinic"
    verbose_name = "Clinic"
    default = True

    def ready(self) -> None:
        from clinic import checks, periodic  # noqa: F401  (registers the system checks)
        from clinic.models import Message

        periodic.purge("old e-mails", Message.objects.expired)


class StaffSiteConfig(admin.AdminConfig):
    default_site = "clinic.site.StaffSite"
    default = False
