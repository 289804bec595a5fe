PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: $(VENV)/run  ## serve on http://127.0.0.1:8000/ (PORT=…) with sample data; the state is in var/ (VAR=…)
	@exec $(BIN)/python -m clinic.local run

manage: $(VENV)/run  ## any management command against the local state: make manage ARGS="…"
	@$(BIN)/python -m clinic.local manage $(ARGS)

backup: $(VENV)/run  ## back the local state up into FILE, for a public key of age: make backup FILE=… TO=age1…
	@$(BIN)/python -m clinic.local manage backup "$(FILE)" --to $(TO)

# Else each of the processes that tests start compiles the whole project anew.
test: export PYTHONDONTWRITEBYTECODE =
test: $(VENV)/test chromium  ## every test, on a real PostgreSQL and in a real browser (ARGS="…" for pytest)
	@$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

# Settings as in production, for Django's checks and mypy's plugin; neither opens anything with them.
lint: export LOCAL =
lint: export SECRET_KEY = a key for lint alone, which is never used and protects nothing
lint: export FIELD_KEYS = yMnKy8zNzs/Q0dLT1NXW19jZ2tvc3d7f4OHi4+Tl5uc=
lint: export ALLOWED_HOSTS = localhost
lint: export SITE_URL = https://localhost
lint: export EMAIL_URL = memorymail://
lint: export DATABASE_URL = postgres://localhost/none
lint: $(VENV)/test  ## ruff, djade, mypy, bandit, Django's checks; the pages' HTML by vnu where there are Java and npm
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djade --target-version 5.2 --check $$(git ls-files 'templates/*.html')
	$(BIN)/mypy
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml clinic content intake
	$(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python -m pytest -q -rs --show-capture=no tests/valid_html.py

scan: $(VENV)/test  ## attack the site through the documented proxy (docs/scan.md)
	@tests/scan/install
	@$(BIN)/python -m tests.scan

pages: $(VENV)/test  ## measure every public page, by Lighthouse too, into docs/pages.md
	@$(BIN)/python -m benchmarks.pages

bench: $(VENV)/test  ## measure the site beside an empty Django, nginx, pgbench and Wagtail, into docs/benchmarks.md
	@$(BIN)/python -m benchmarks.speed

memory: $(VENV)/test  ## measure exports (docs/exports.md) and what a web process holds after 100,000 requests (docs/operations.md)
	@$(BIN)/python -m benchmarks.exports
	@$(BIN)/python -m benchmarks.memory

scale: $(VENV)/test  ## measure the site over 1,000, 10,000 and 1,000,000 submissions, into docs/scale.md (two hours, 30 GB)
	@$(BIN)/python -m benchmarks.scale

messages: $(VENV)/run  ## bring the Spanish catalogue up to date with the code (needs GNU gettext), then compile it
	@$(BIN)/python -m clinic.local manage makemessages --locale es --no-obsolete --no-wrap --add-location file --ignore .venv --ignore tests --ignore var --verbosity 0
	@$(BIN)/python -m clinic.local manage compilemessages --locale es --ignore .venv --verbosity 0

soak: $(VENV)/test  ## kill, starve and delay the site's processes and see that nothing is lost (ONLY=kills; docs/resilience.md)
	@KEEP=1 $(BIN)/python -m tests.resilience

audit:  ## look every package that the site runs with up among the known holes (needs the internet)
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && $(PYTHON) -m venv $$folder \
	&& $$folder/bin/pip install --quiet --disable-pip-version-check pip-audit==2.10.1 >&2 \
	&& $$folder/bin/pip-audit --strict --no-deps --disable-pip --progress-spinner off -r constraints.txt

mutants: export WITHOUT_DATABASE = 1
mutants: $(VENV)/test  ## change the code a little, again and again, and see whether a test notices (docs/mutation.md)
	$(BIN)/mutmut run --max-children 2 $(ARGS)
	$(BIN)/mutmut results

format: $(VENV)/test  ## let ruff and djade write
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djade --target-version 5.2 $$(git ls-files 'templates/*.html')

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 …" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python's venv module is missing. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/run: requirements.txt constraints.txt | $(VENV)/bin/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -c constraints.txt >&2
	@touch $@

$(VENV)/test: tests/requirements.txt $(VENV)/run
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt -c constraints.txt >&2
	@touch $@

chromium:
	@command -v chromium-headless-shell >/dev/null || tests/install-chromium

.PHONY: help run manage backup test lint audit soak mutants messages scan pages bench memory scale format chromium
