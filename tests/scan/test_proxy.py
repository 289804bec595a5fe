from difflib import ndiff
from pathlib import Path

from tests.scan.proxy import DOCUMENTED, Ports, configured


def test_the_scan_changes_names_ports_and_paths_of_the_documented_file_and_nothing_else():
    documented = DOCUMENTED.read_text(encoding="utf-8")
    used = configured(documented, Path("/folder"), Ports(81, 444, 8001), Path("/c.pem"), Path("/k.pem"))
    changed = [line for line in ndiff(documented.splitlines(), used.splitlines()) if line[0] in "+-"]

    words = {line[1:].split()[0] for line in changed if line[1:].strip()}
    assert words == {
        *("#", "listen", "server_name", "ssl_certificate", "ssl_certificate_key", "proxy_pass"),
        *("access_log", "error_log", "return", "proxy_set_header"),
    }
    assert "return 301 https://$host:444$request_uri;" in used
    assert "proxy_set_header Host $host:444;" in used
    assert "example.org" not in used
