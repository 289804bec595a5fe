"""What the intake keeps no longer."""

from clinic import periodic
from intake.models import Draft

periodic.purge("expired drafts", Draft.objects.expired)
