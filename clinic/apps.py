from django.apps import AppConfig
from django.contrib.admin import apps as admin


class ClinicConfig(AppConfig):
    name = "clinic"
    verbose_name = "Clinic"
    default = True

    def ready(self) -> None:
        from clinic import checks  # noqa: F401  (registers the system checks)


class StaffSiteConfig(admin.AdminConfig):
    default_site = "clinic.admin.StaffSite"
    default = False
