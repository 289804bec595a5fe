"""Starts of manage.py that end at a setting: forks of one process, which has imported what no setting has a say in.

A fork costs a tenth of a start, of which nearly all is the import of Django and of the libraries.
"""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
FORK = """
import json, os, runpy, sys
import cryptography.hazmat.primitives.ciphers.aead, cryptography.hazmat.primitives.kdf.hkdf
import django.core.management, django_stubs_ext, environ, phonenumbers

for line in sys.stdin:
    given = json.loads(line)
    if pid := os.fork():
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
        continue
    for at, file in enumerate(given["files"], 1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), at)
    os.environ.clear()
    os.environ.update(given["environment"])
    sys.argv = ["manage.py", *given["command"]]
    runpy.run_path("manage.py", run_name="__main__")
    sys.exit()
"""


class Starts:
    def __init__(self) -> None:
        command = [sys.executable, "-W", "error", "-c", FORK]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, *command: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        assert self._process.stdin
        assert self._process.stdout
        with TemporaryDirectory() as folder:
            files = [Path(folder, name) for name in ("stdout", "stderr")]
            given = {"command": command, "environment": environment, "files": [str(file) for file in files]}
            print(json.dumps(given), file=self._process.stdin, flush=True)
            code = int(self._process.stdout.readline())
            return subprocess.CompletedProcess(command, code, *(file.read_text() for file in files))

    def end(self) -> None:
        self._process.communicate()
