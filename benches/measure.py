#!/usr/bin/env python3
"""Measures the whole program next to bare loops, by turns, in the same run.

    benches/measure.py memory [ROWS [ORGANIZATIONS]]    peak memory of imports
    benches/measure.py check [ROWS]                     check next to pandas.read_csv
    benches/measure.py listing [ORGANIZATIONS [MS]]     export and plan next to a loop over the pages
    benches/measure.py first [ROWS]                     the time to the first request

PROGRAM names the program (target/release/workos-orgs), ROUNDS how often each is measured (5); the
best counts. WorkOS is the sandbox, a process of its own. `check` needs pandas, else Python's csv.
"""

import http.client
import http.server
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

PROGRAM = os.environ.get("PROGRAM", "target/release/workos-orgs")
ROUNDS = int(os.environ.get("ROUNDS", "5"))
KEY = "sk_test_sandbox"


def write_list(path, prefix, rows, has_ids=True):
    with open(path, "w") as out:
        out.write("name,domain,%smetadata.plan,notes\n" % ("external_id," if has_ids else ""))
        for row in range(rows):
            id = "%s-%07d," % (prefix, row) if has_ids else ""
            out.write('%s Number %d Inc.,%s%d.example.com,%senterprise,"some notes, here"\n'
                      % (prefix, row, prefix, row, id))


class Sandbox:
    def __init__(self, latency=0):
        arguments = ["sandbox", "--port", "0", "--rate-limit", "unlimited", "--latency", str(latency)]
        self.process = subprocess.Popen([PROGRAM, *arguments], stderr=subprocess.PIPE, text=True)
        self.url = re.search(r"http[^ ,]*", self.process.stderr.readline()).group()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def run(*arguments, url=None):
    """Runs the program; returns seconds and MiB."""
    environment = dict(os.environ, WORKOS_API_KEY=KEY)
    if url:
        environment["WORKOS_BASE_URL"] = url
    start = time.perf_counter()
    process = subprocess.Popen([PROGRAM, *arguments], env=environment,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit(said)
    return seconds, usage.ru_maxrss / 1024


def import_list(path, url, *more):
    return run("import", path, "--rate", "unlimited", "--yes", "--quiet", *more, url=url)


def memory(folder, rows=20000, organizations=0):
    with Sandbox() as sandbox:
        def report(what, name, *more):
            seconds, mib = import_list(os.path.join(folder, name), sandbox.url, *more)
            print("%-36s %6.1f MiB %7.2f s" % (what, mib, seconds), flush=True)

        if organizations:
            write_list(os.path.join(folder, "others.csv"), "other", organizations)
            report("%d other organizations" % organizations, "others.csv")
        write_list(os.path.join(folder, "customers.csv"), "customer", rows)
        report("import, up to the middle", "customers.csv", "--limit", str(rows // 2))
        report("import, resumed", "customers.csv")
        report("import again, finished", "customers.csv")
        write_list(os.path.join(folder, "clients.csv"), "client", rows, has_ids=False)
        report("import without external ids", "clients.csv")


WITH_PANDAS = "import pandas; read = pandas.read_csv"
WITH_CSV = "import csv; read = lambda path: sum(1 for _ in csv.reader(open(path, newline='')))"


def seconds_of(reader, path):
    """How long a reader takes, in a process of its own: what is started from here counts this one's memory as
    its own."""
    code = "import sys, time; %s; start = time.perf_counter(); read(sys.argv[1]); print(time.perf_counter() - start)"
    return float(subprocess.check_output([sys.executable, "-c", code % reader, path]))


def check(folder, rows=1000000):
    path = os.path.join(folder, "customers.csv")
    write_list(path, "customer", rows)
    has_pandas = importlib.util.find_spec("pandas") is not None
    what = "pandas.read_csv" if has_pandas else "csv.reader"
    bare, ours, peak = [], [], 0
    for _ in range(ROUNDS):
        bare.append(seconds_of(WITH_PANDAS if has_pandas else WITH_CSV, path))
        seconds, mib = run("check", path)
        ours.append(seconds)
        peak = max(peak, mib)
    print("%d rows: %s %.2f s, check %.2f s: %.2f times, %.0f MiB"
          % (rows, what, min(bare), min(ours), min(ours) / min(bare), peak))


def bare_pages(url):
    connection = http.client.HTTPConnection(url.split("//")[1])
    after, count = "", 0
    while after is not None:
        connection.request("GET", "/organizations?limit=100&order=asc" + after,
                           headers={"Authorization": "Bearer " + KEY})
        page = json.loads(connection.getresponse().read())
        count += len(page["data"])
        cursor = page["list_metadata"].get("after")
        after = cursor and "&after=" + cursor
    return count


def listing(folder, organizations=100000, latency=0):
    path = os.path.join(folder, "customers.csv")
    write_list(path, "customer", organizations)
    # The same organizations, of which every tenth has another name in the list.
    changed = os.path.join(folder, "changed.csv")
    with open(path) as old, open(changed, "w") as new:
        new.writelines(line if row % 10 else line.replace(" Number ", " No. ")
                       for row, line in enumerate(old))
    with Sandbox(latency) as sandbox:
        import_list(path, sandbox.url)
        commands = {
            "export": ["export", "--rate", "unlimited", "--output", os.path.join(folder, "all.csv")],
            "plan": ["plan", changed, "--rate", "unlimited"],
        }
        bare, ours = [], {name: [] for name in commands}
        for _ in range(ROUNDS):
            start = time.perf_counter()
            assert bare_pages(sandbox.url) == organizations
            bare.append(time.perf_counter() - start)
            for name, command in commands.items():
                if os.path.exists(os.path.join(folder, "all.csv")):
                    os.remove(os.path.join(folder, "all.csv"))
                ours[name].append(run(*command, url=sandbox.url))
    print("%d organizations: a loop over the pages %.2f s" % (organizations, min(bare)))
    for name, measured in ours.items():
        seconds, peak = min(measured)[0], max(mib for _, mib in measured)
        print("%s %.2f s: %.2f times, %.0f MiB" % (name, seconds, seconds / min(bare), peak))


class FirstRequest(http.server.BaseHTTPRequestHandler):
    """An empty environment, which notes when the first organization is to be created."""

    protocol_version = "HTTP/1.1"
    posted = threading.Event()
    at = 0.0

    def do_GET(self):
        self.answer(200, b'{"object":"list","data":[],"list_metadata":{"before":null,"after":null}}')

    def do_POST(self):
        FirstRequest.at = FirstRequest.at or time.perf_counter()
        FirstRequest.posted.set()
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(401, b'{"message":"Unauthorized"}')

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def first(folder, rows=100):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), FirstRequest)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    times = []
    for place in range(ROUNDS):
        path = os.path.join(folder, "%d.csv" % place)
        write_list(path, "customer", rows)
        FirstRequest.at = 0.0
        FirstRequest.posted.clear()
        environment = dict(os.environ, WORKOS_API_KEY=KEY,
                           WORKOS_BASE_URL="http://127.0.0.1:%d" % server.server_port)
        start = time.perf_counter()
        process = subprocess.Popen([PROGRAM, "import", path, "--yes", "--quiet"], env=environment,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        FirstRequest.posted.wait(10)
        times.append(FirstRequest.at - start)
        process.wait()
    print("%d rows: the first organization is sent after %.0f ms" % (rows, min(times) * 1000))


if __name__ == "__main__":
    names = {"memory": memory, "check": check, "listing": listing, "first": first}
    if len(sys.argv) < 2 or sys.argv[1] not in names:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        names[sys.argv[1]](folder, *map(int, sys.argv[2:]))
