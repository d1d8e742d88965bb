"""A running server for the scripts beside this one: started in a folder of its own, asked, stopped."""

import json
import os
import pwd
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

    def __init__(self, program, folder, config=None, options=()):
        self.port, self.admin = free_port(), secrets.token_hex(16)
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = os.path.join(folder, "athena.log")
        command = [os.path.abspath(program), "server", "--data-dir", os.path.join(folder, "data"), "--port", str(self.port)]
        command += options
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


class Postgres:
    """A cluster of its own; PostgreSQL does not run as root, so root steps down for it."""

    OWNER = "owner"

    def __init__(self, folder):
        self.folder, self.port = os.path.join(folder, "postgres"), free_port()
        self.programs = self.find()
        self.as_owner = self.owner(folder)

    @staticmethod
    def find():
        named = os.environ.get("POSTGRES_BIN")
        folders = [named] if named else os.environ.get("PATH", "").split(os.pathsep)
        base = "/usr/lib/postgresql"
        versions = sorted(os.listdir(base), key=lambda v: [int(n) for n in re.findall(r"\d+", v)]) if os.path.isdir(base) else []
        folders += [os.path.join(base, version, "bin") for version in reversed(versions)]
        for folder in folders:
            if os.access(os.path.join(folder, "initdb"), os.X_OK) and os.access(os.path.join(folder, "pg_ctl"), os.X_OK):
                return folder
        raise SystemExit("PostgreSQL's initdb was not found; POSTGRES_BIN names its folder")

    @staticmethod
    def owner(folder):
        if os.getuid() != 0:
            return {}
        try:
            account = pwd.getpwnam("postgres")
        except KeyError:
            account = pwd.getpwnam("nobody")
        os.chown(folder, account.pw_uid, account.pw_gid)
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    def run(self, program, *options):
        command = [os.path.join(self.programs, program), *options]
        done = subprocess.run(command, cwd="/", text=True, capture_output=True, **self.as_owner)
        if done.returncode != 0:
            raise SystemExit(f"{program} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")

    def start(self):
        self.run("initdb", "-D", self.folder, "-U", self.OWNER, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder}"
        options += " -c fsync=off -c autovacuum=off -c timezone=UTC"
        log = os.path.join(self.folder, "log")
        command = [os.path.join(self.programs, "pg_ctl"), "-D", self.folder, "-w", "-l", log, "-o", options, "start"]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        if subprocess.run(command, cwd="/", **quiet, **self.as_owner).returncode != 0:
            raise SystemExit("PostgreSQL did not start:\n" + open(log).read()[-2000:])

    def stop(self):
        command = [os.path.join(self.programs, "pg_ctl"), "-D", self.folder, "-m", "immediate", "stop"]
        subprocess.run(command, cwd="/", capture_output=True, **self.as_owner)

    def psql(self, database="postgres"):
        own = os.path.join(self.programs, "psql")
        program = own if os.access(own, os.X_OK) else "psql"
        return [program, "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port), "-U", self.OWNER, "-d", database]

    def tell(self, *what, database="postgres"):
        done = subprocess.run([*self.psql(database), *what], text=True, capture_output=True)
        if done.returncode != 0:
            raise SystemExit(f"the database could not be made:\n{done.stderr[-2000:]}")
