"""Scanners that others have written: wapiti, and the scanner of the MDN HTTP Observatory."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.scan.proxy import Ports

OBSERVATORY = "@mdn/mdn-http-observatory@1.4.8"
TOOLS = Path(sys.prefix) / "observatory"
LOOPBACK = Path(__file__).parent / "loopback.mjs"
ENOUGH = 120  # points

# Left out: ssrf, nikto and wapp ask other hosts; buster and brute_login_form try lists of words.
MODULES = (
    "backup,blindsql,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,methods,permanentxss,redirect,shellshock,"
    "sql,xss,xxe"
)
CRAWL, EACH = 60, 20  # seconds
FEWEST = 300  # requests: with less it has not seen the site


def wapiti(folder: Path, address: str) -> list[tuple[str, str]]:
    """What it found: what it says of it, and where."""
    report = folder / "wapiti.json"
    command = ["wapiti", "--url", f"{address}/", "--scope", "folder", "--module", MODULES, "--max-parameters", "60"]
    command += ["--max-scan-time", str(CRAWL), "--max-attack-time", str(EACH), "--flush-session", "--no-bugreport"]
    command += ["--header", "Accept-Encoding: gzip"]  # it asks for Brotli as well, which Debian's cannot read
    command += ["--endpoint", "http://127.0.0.1:9/", "--store-session", str(folder / "wapiti"), "--verbose", "0"]
    subprocess.run([*command, "--format", "json", "--output", str(report)], check=True, stdout=subprocess.DEVNULL)
    said = json.loads(report.read_text(encoding="utf-8"))
    kinds = [*said["vulnerabilities"].values(), *said["anomalies"].values()]
    return sorted((it["info"], f"{it['method']} {it['path']}") for kind in kinds for it in kind)


def observatory(folder: Path, ports: Ports, paths: list[str]) -> dict[str, int]:
    """The points of each page."""
    return {path: _points(folder, ports, path) for path in paths}


def _points(folder: Path, ports: Ports, path: str) -> int:
    scan = _installed() / "src/scan.js"
    env = os.environ | {"HTTP_PORT": str(ports.http), "HTTPS_PORT": str(ports.https)}
    env |= {"NODE_EXTRA_CA_CERTS": str(folder / "certificate.pem")}
    command = ["node", "--import", str(LOOPBACK), str(scan), f"localhost{path}"]
    said = json.loads(subprocess.run(command, env=env, capture_output=True, check=True).stdout)
    lost = {name: test["result"] for name, test in said["tests"].items() if test["scoreModifier"] < 0}
    if lost:
        print(path, lost, file=sys.stderr)
    points: int = said["scan"]["score"]
    return points


def _installed() -> Path:
    """From npm into the virtual environment. The list of preloaded hosts, a download, has no localhost: it is empty."""
    folder = TOOLS / OBSERVATORY
    package = folder / "node_modules/@mdn/mdn-http-observatory"
    if not (package / "conf/hsts-preload.json").exists():
        quiet = ("--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--silent")
        subprocess.run(["npm", "install", *quiet, "--prefix", str(folder), OBSERVATORY], check=True)
        (package / "conf/hsts-preload.json").write_text("{}")
    return package
