from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.db.models.signals import post_migrate


class ClinicConfig(AppConfig):
    name = "clinic"
    verbose_name = "Clinic"
    default = True

    def ready(self) -> None:
        from clinic import checks, periodic  # noqa: F401  (registers the system checks)
        from clinic.models import Message
        from clinic.roles import make_groups

        post_migrate.connect(make_groups, dispatch_uid="roles")
        periodic.purge("old e-mails", Message.objects.expired)


class StaffSiteConfig(admin.AdminConfig):
    default_site = "clinic.site.StaffSite"
    default = False
