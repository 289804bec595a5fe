from django.apps import AppConfig


class ContentConfig(AppConfig):
    name = "content"
    verbose_name = "Public pages"

    def ready(self) -> None:
        from clinic import kept
        from content.translations import addresses

        tables = ("citation", "source", "term", "review", "redirect")
        kept.made_of(
            *(kept.rows(f"content_{table}") for table in tables),
            "SELECT 'edition' || ctid::text || xmin::text || (live_at <= statement_timestamp()) FROM content_edition",
            "SELECT concat_ws(' ', 'page', id, slug, language) FROM content_page",
            "SELECT concat_ws(' ', 'reviewer', id, first_name, last_name) FROM clinic_user "
            "WHERE id IN (SELECT reviewed_by_id FROM content_review)",
        )
        kept.addresses.append(addresses)
