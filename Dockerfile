# The portal in a container: web process, worker and commands are the same image (compose.yaml).
FROM python:3.11-slim-bookworm AS build
WORKDIR /srv/clinic
COPY requirements.txt constraints.txt ./
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir -r requirements.txt -c constraints.txt
COPY . .
# Settings for collecting alone: no secret of theirs is in the image, and nothing is opened with them.
RUN SECRET_KEY=$(python -c 'import secrets; print(secrets.token_urlsafe(50))') \
    FIELD_KEYS=$(python -c 'import base64, secrets; print(base64.b64encode(secrets.token_bytes(32)).decode())') \
    ALLOWED_HOSTS=localhost SITE_URL=https://localhost EMAIL_URL=memorymail:// DATABASE_URL=postgres://localhost/none \
    .venv/bin/python manage.py collectstatic --no-input --verbosity 0 \
    && .venv/bin/python -m compileall -q clinic content intake

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 999 clinic
COPY --from=build /srv/clinic /srv/clinic
WORKDIR /srv/clinic
ENV PATH=/srv/clinic/.venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 GRANIAN_HOST=0.0.0.0
USER clinic
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(r.Request('http://127.0.0.1:8000/readyz', headers={'Host': os.environ['ALLOWED_HOSTS'].split(',')[0]}), timeout=4)"]
CMD ["granian", "--interface", "wsgi", "--http", "1", "--port", "8000", "--workers", "1", "--blocking-threads", "4", "--no-access-log", "--log-level", "warning", "--log-config", "clinic/granian.json", "clinic.wsgi:application"]
