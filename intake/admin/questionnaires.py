"""Forms, the packets that ask them, and the consent texts. What was once in use is never edited."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import ForeignKey, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from clinic.site import AuditedAdmin
from intake.forms import StepForm
from intake.models import ConsentText, Draft, Packet, PacketItem, Questionnaire
from intake.screening import Screening


@admin.register(Questionnaire)
class QuestionnaireAdmin(AuditedAdmin[Questionnaire]):
    """Forms come in by `import_questionnaire`; here they are looked at and activated."""

    list_display = ["title", "version", "status", "languages", "fingerprint", "activated_at", "preview_link"]
    list_filter = ["status"]
    fields = [
        "title",
        "url",
        "version",
        "status",
        "languages",
        "questions",
        "imported_at",
        "activated_at",
        "digest",
    ]
    actions = ["activate"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Questionnaire | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Questionnaire | None = None) -> bool:
        return False

    def has_activate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("intake.change_questionnaire")

    def get_urls(self) -> list[URLPattern]:
        address = path(
            "<int:pk>/preview/<str:language>/<int:number>/",
            self.admin_site.admin_view(self.preview),
            name="intake_questionnaire_preview",
        )
        return [address, *super().get_urls()]

    def preview(self, request: HttpRequest, pk: int, language: str, number: int) -> HttpResponse:
        """Show one page as patients see it, also of a form that is not active; nothing is stored."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        questionnaire = get_object_or_404(Questionnaire, pk=pk)
        screening = Screening(Draft(language=language, questionnaire_ids=[pk]))
        step = next((step for step in screening.all_steps if step.number == number), None)
        if step is None or language not in step.form.languages:
            raise Http404
        context = {
            "questionnaire": questionnaire,
            "language": language,
            "step": step,
            "steps": screening.all_steps,
            "form": StepForm(screening, step),
            "title": step.form.title(language),
            "licence": step.form.copyright(language),
        }
        return TemplateResponse(request, "admin/intake/questionnaire/preview.html", context)

    @admin.display(description="Preview")
    def preview_link(self, questionnaire: Questionnaire) -> SafeString:
        args = [questionnaire.pk, questionnaire.compiled.language, 1]
        address = reverse("admin:intake_questionnaire_preview", args=args)
        return format_html('<a href="{}">Preview</a>', address)

    @admin.display(description="Languages")
    def languages(self, questionnaire: Questionnaire) -> str:
        return ", ".join(questionnaire.compiled.languages)

    @admin.display(description="Fingerprint")
    def fingerprint(self, questionnaire: Questionnaire) -> SafeString:
        return format_html('<code title="{}">{}</code>', questionnaire.digest, questionnaire.digest[:12])

    @admin.display(description="Questions")
    def questions(self, questionnaire: Questionnaire) -> int:
        return sum(item.type not in {"group", "display"} and not item.hidden for item in questionnaire.compiled.order)

    @admin.action(description="Activate: new screenings use this version", permissions=["activate"])
    def activate(self, request: HttpRequest, queryset: QuerySet[Questionnaire]) -> None:
        if queryset.values("url").distinct().count() < queryset.count():
            messages.error(request, "Choose one version of each form: only one can be active. Nothing was changed.")
            return
        for questionnaire in queryset:
            try:
                questionnaire.activate()
                self.log_change(request, questionnaire, "Activated")
                messages.success(request, f"{questionnaire} is active now.")
            except ValueError as error:
                messages.error(request, f"{questionnaire} was not activated: {error}.")


class PacketItemInline(admin.StackedInline[PacketItem, Packet]):
    model = PacketItem
    fields = [("position", "questionnaire")]
    extra = 1

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_foreignkey(
            db_field, request, **{**kwargs, "queryset": Questionnaire.objects.active()}
        )


@admin.register(Packet)
class PacketAdmin(AuditedAdmin[Packet]):
    list_display = ["name", "asks", "is_current"]
    readonly_fields = ["is_current"]
    inlines = [PacketItemInline]
    actions = ["use"]

    @admin.display(description="Asks, in this order")
    def asks(self, packet: Packet) -> str:
        return ", ".join(form.title for form in packet.forms())

    def has_delete_permission(self, request: HttpRequest, obj: Packet | None = None) -> bool:
        """Never in bulk, and not the packet that new screenings ask."""
        return obj is not None and not obj.is_current and super().has_delete_permission(request, obj)

    @admin.action(description="Use for new screenings, instead of the packet used now", permissions=["change"])
    @transaction.atomic
    def use(self, request: HttpRequest, queryset: QuerySet[Packet]) -> None:
        packet = queryset.first()
        if packet is None or queryset.count() != 1:
            messages.error(request, "Choose one packet. Nothing was changed.")
        elif not packet.forms():
            messages.error(request, f"{packet} asks nothing yet: give it an active questionnaire. Nothing was changed.")
        else:
            Packet.objects.filter(is_current=True).update(is_current=False)
            Packet.objects.filter(pk=packet.pk).update(is_current=True)
            self.log_change(request, packet, "Used for new screenings")
            messages.success(request, f"New screenings now ask {packet}.")


class ConsentTextForm(forms.ModelForm[ConsentText]):
    language = forms.ChoiceField(choices=settings.LANGUAGES)


@admin.register(ConsentText)
class ConsentTextAdmin(AuditedAdmin[ConsentText]):
    """A version is published when it is added, and stays as it is: people agreed to it."""

    form = ConsentTextForm
    list_display = ["kind", "language", "version", "published_at"]
    list_filter = ["kind", "language"]
    fields = ["kind", "language", "version", "text"]

    def has_change_permission(self, request: HttpRequest, obj: ConsentText | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ConsentText | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ConsentText, form: Any, change: bool) -> None:
        obj.published_at = timezone.now()
        super().save_model(request, obj, form, change)
