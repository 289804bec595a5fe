"""Very many submissions at once, straight into the tables: their encrypted columns stay empty."""

from django.db import connection

from clinic.models import Message, User
from intake.models import PHQ9_TOTAL, ConsentText, Questionnaire, Submission

YEARS = 3  # over which they came in
OPEN = 2_000  # the newest of them, one in twenty at most, are not closed

FIRST = "U0000000001"  # no reference that the portal makes has a U

SUBMISSIONS = """
INSERT INTO intake_submission (
    id, reference, origin, kind, status, risk, open_risk, language, created_at, consented_at, consent_id, is_sample,
    is_suspect, name, email, email_index, phone, phone_index, birth_date, contact_method, best_time,
    preferred_language, message, first_seen_at, first_contact_at, hold_reason, erasure_reason,
    suspect_signs, phq9_band
)
SELECT gen_random_uuid(), 'U' || lpad(n::text, 10, '0'), gen_random_uuid(),
    CASE WHEN n %% 4 = 0 THEN 'contact' ELSE 'screening' END,
    CASE WHEN n > %(open)s THEN 'closed' WHEN n %% 2 = 0 THEN 'new' ELSE 'in-review' END,
    CASE WHEN n %% 10 = 1 THEN 2 ELSE 0 END,
    CASE WHEN n %% 10 = 1 AND n <= %(open)s THEN 2 ELSE 0 END,
    'en', at, at, %(consent)s, true, false, '', '', NULL, '', NULL, '', '', '', '', '',
    at + interval '1 hour', at + interval '5 hours', '', '', '{}',
    CASE WHEN n %% 4 > 0 THEN 'moderate' END
FROM generate_series(1, %(count)s) n, LATERAL (SELECT now() - n * %(step)s * interval '1 second' AS at) received
"""

RESPONSES = """
INSERT INTO intake_response (id, submission_id, questionnaire_id, position, document)
SELECT gen_random_uuid(), id, %(questionnaire)s, 0, '' FROM intake_submission
WHERE kind = 'screening' AND reference LIKE 'U%%'
"""

SCORES = """
INSERT INTO intake_score (response_id, link_id, code, total, band, band_display, received_at)
SELECT intake_response.id, 'total', %(code)s, 12, 'moderate', 'Moderate', created_at
FROM intake_response JOIN intake_submission ON intake_submission.id = submission_id WHERE reference LIKE 'U%%'
"""

ALERTS = """
INSERT INTO intake_safetyalert (
    id, submission_id, code, severity, raised_at, told_at, status, acknowledged_at, acknowledged_by_id, resolved_at,
    resolved_by_id, outcome, note_id
)
SELECT gen_random_uuid(), id, 'suicidal-thoughts', 'urgent', created_at, created_at,
    CASE WHEN open_risk = 2 THEN 'open' ELSE 'resolved' END,
    CASE WHEN open_risk = 0 THEN created_at END, CASE WHEN open_risk = 0 THEN %(by)s END,
    CASE WHEN open_risk = 0 THEN created_at END, CASE WHEN open_risk = 0 THEN %(by)s END,
    CASE WHEN open_risk = 0 THEN 'reached-safe' ELSE '' END, CASE WHEN open_risk = 0 THEN %(note)s::uuid END
FROM intake_submission WHERE risk = 2 AND reference LIKE 'U%%'
"""

MESSAGES = """
INSERT INTO clinic_message (
    id, template, is_urgent, recipient, subject, body, created_at, due_at, attempts, sent_at, error
)
SELECT gen_random_uuid(), 'screening_receipt', false, '', '', '', created_at, created_at, 1, created_at, ''
FROM intake_submission WHERE created_at > now() - %(kept)s * interval '1 day' AND reference LIKE 'U%%'
"""

TABLES = ("intake_submission", "intake_response", "intake_score", "intake_safetyalert", "clinic_message")


def fill(count: int, by: User, opened: int = OPEN) -> None:
    """Store `count` submissions, three in four of them screenings; `by` has dealt with all but the newest. Saves."""
    values = {
        "count": count,
        "open": min(opened, count // 20),
        "step": YEARS * 365 * 86_400 // count,
        "consent": ConsentText.current("contact", "en").pk,
        "questionnaire": Questionnaire.objects.order_by("pk").values_list("pk", flat=True).first(),
        "code": PHQ9_TOTAL,
        "by": by.pk,
        "kept": Message.KEEP_DAYS,
    }
    with connection.cursor() as cursor:
        cursor.execute(SUBMISSIONS, values)
        values["note"] = str(Submission.objects.get(reference=FIRST).add_note("Called.", by=by).pk)  # serves them all
        for statement in (RESPONSES, SCORES, ALERTS, MESSAGES):
            cursor.execute(statement, values)
        for table in TABLES:
            cursor.execute(f"ANALYZE {table}")
