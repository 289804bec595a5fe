from django.db import migrations

TAKE = """
CREATE FUNCTION clinic_take(keys text[], tries integer[], seconds double precision[])
RETURNS TABLE (number integer, rest interval) LANGUAGE plpgsql AS $$
BEGIN
    FOR turn IN 1 .. cardinality(keys) LOOP
        INSERT INTO clinic_tally AS tally (key, count, ends_at)
        VALUES (keys[turn], 1, clock_timestamp() + seconds[turn] * interval '1 second')
        ON CONFLICT (key) DO UPDATE SET
            count = CASE WHEN tally.ends_at <= clock_timestamp() THEN 1 ELSE tally.count + 1 END,
            ends_at = CASE WHEN tally.ends_at <= clock_timestamp() THEN EXCLUDED.ends_at ELSE tally.ends_at END
        RETURNING tally.count, tally.ends_at - clock_timestamp() INTO number, rest;
        RETURN NEXT;
        EXIT WHEN number > tries[turn];
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    """How tries are counted: see clinic/limits.py. PostgreSQL keeps the plan of a function's statements."""

    dependencies = [
        ("clinic", "0010_message_done"),
    ]

    operations = [
        migrations.RunSQL(TAKE, "DROP FUNCTION clinic_take(text[], integer[], double precision[])"),
    ]
