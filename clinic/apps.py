from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.db.models.signals import post_migrate


class ClinicConfig(AppConfig):
    name = "clinic"
    verbose_name = "Clinic"
    default = True

    def ready(self) -> None:
        from django.contrib.sessions.models import Session
        from django.utils import timezone

        from clinic import checks, kept, periodic  # noqa: F401  (registers the system checks)
        from clinic.models import Invitation, Message, Tally
        from clinic.roles import make_groups
        from clinic.signin import receivers  # noqa: F401  (they connect themselves)

        kept.made_of(kept.rows("clinic_clinicprofile"), kept.rows("clinic_crisisline"))
        post_migrate.connect(make_groups, dispatch_uid="roles")
        periodic.purge("old e-mails", Message.objects.expired)
        periodic.purge("expired invitations", Invitation.objects.expired)
        periodic.purge("ended limits", Tally.objects.expired)
        periodic.purge("ended sessions", lambda: Session.objects.filter(expire_date__lt=timezone.now()))


class StaffSiteConfig(admin.AdminConfig):
    default_site = "clinic.site.StaffSite"
    default = False
