import re
import subprocess
import sys
import threading

from clinic.request_ids import AT_ONCE, new_request_id

FORKING = """
import os
from clinic.request_ids import new_request_id
new_request_id()  # now there are some in stock
child = os.fork()
if child:
    os.waitpid(child, 0)
print(new_request_id(), flush=True)
"""


def test_no_two_requests_have_one_id():
    made: list[str] = []
    threads = [
        threading.Thread(target=lambda: made.extend(new_request_id() for _ in range(10 * AT_ONCE))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(made)) == 4 * 10 * AT_ONCE
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in made)


def test_a_process_that_forks_has_no_id_in_common_with_its_child():
    said = subprocess.run([sys.executable, "-c", FORKING], capture_output=True, text=True, check=True).stdout

    assert len(set(said.split())) == 2
