from datetime import datetime

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page

from clinic.methods import read_only
from clinic.models import ClinicProfile
from content import markdown
from content.models import Edition, EditionQuerySet


class ChangedPages(Feed[Edition, None]):
    """Each time that a page was published in the language of the address."""

    LENGTH = 20

    feed_type = Atom1Feed

    def title(self) -> str:
        return gettext("%(clinic)s: new and changed pages") % {"clinic": self.author_name()}

    def author_name(self) -> str:
        return ClinicProfile.load().name

    def link(self) -> str:
        return settings.SITE_URL + reverse("content:home")

    def feed_url(self) -> str:
        return settings.SITE_URL + reverse("content:feed")

    def items(self) -> EditionQuerySet:
        return Edition.objects.published().filter(page__language=get_language())[: self.LENGTH]

    def item_title(self, edition: Edition) -> str:
        return edition.title

    def item_description(self, edition: Edition) -> str:
        return markdown.plain(markdown.inline_tokens_of(edition.summary))

    def item_link(self, edition: Edition) -> str:
        return settings.SITE_URL + edition.get_absolute_url()

    def item_guid(self, edition: Edition) -> str:
        """A page that is published again is another entry."""
        return f"{self.item_link(edition)}#{edition.live_at:%Y-%m-%dT%H:%M:%SZ}"

    def item_pubdate(self, edition: Edition) -> datetime:
        return edition.live_at

    item_updateddate = item_pubdate


feed = read_only(cache_control(public=True, max_age=300)(conditional_page(ChangedPages())))
