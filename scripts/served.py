"""A running server for the scripts beside this one: started in a folder of its own, asked, stopped."""

import json
import os
import re
import secrets
import socket
import subprocess
import time
import urllib.request

PATIENCE = 180


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(url, headers=None, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json", **(headers or {})}
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=10) as answer:
        return json.load(answer)


class Athena:
    """A server and its admin. `config` is the text of its configuration; settings of the caller's environment stay outside."""

    def __init__(self, program, folder, config=None):
        self.port, self.admin = free_port(), secrets.token_hex(16)
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = os.path.join(folder, "athena.log")
        command = [os.path.abspath(program), "server", "--data-dir", os.path.join(folder, "data"), "--port", str(self.port)]
        if config is not None:
            path = os.path.join(folder, "config.yaml")
            with open(path, "w") as file:
                file.write(config)
            command += ["--config", path]
        kept = {k: v for k, v in os.environ.items() if not re.match("ATHENA|POSTGRES_ATHENA|PG|RUST_LOG", k)}
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(command, env={**kept, "ATHENA_KEY_12": self.admin}, stdout=log, stderr=log)

    def until_ready(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise SystemExit(f"the server ended with status {self.process.returncode}:\n" + open(self.log).read()[-3000:])
            try:
                return ask(self.url + "/ready")
            except OSError:
                time.sleep(0.2)
        raise SystemExit(f"the server was not ready after {PATIENCE} s")

    def key(self, **wanted):
        return ask(self.url + "/admin/api-keys", {"x-athena-key": self.admin}, wanted)["data"]["api_key"]

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
