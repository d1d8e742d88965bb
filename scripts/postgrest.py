"""Put PostgREST's cases to a running server and hold the number that pass.

scripts/postgrest.py PROGRAM [--at-least N] [--cases FOLDER] [--stay] [-- OPTIONS OF run.py]
Starts a private PostgreSQL with the cases' tables and PROGRAM in front of it, runs the cases, and stops both. FOLDER is
where the cases and their runner are; `../shared/postgrest` beside this repository when it is not named. --stay keeps both running after the cases
until Enter is pressed (or the input ends), with the lines that are needed to ask by hand. Fails when fewer than N pass.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

from served import Athena, Postgres

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DATABASE, LOGIN, ANONYMOUS = "pgrst", "athena_rest", "postgrest_test_anonymous"
CONFIG = """\
embedded: {{ demo: false }}
clients:
  pgrst:
    uri: postgresql://{login}@127.0.0.1:{port}/{database}
    rest:
      schemas: [test]
      extra_search_path: []
      anon_role: {anonymous}
      jwt_secret: {secret}
      max_rows: none
      tx_end: commit-allow-override
      app_settings:
        app.settings.app_host: localhost
        app.settings.external_api_secret: "0123456789abcdef"
"""


class Cases(Postgres):
    """The one with the cases' tables in it."""

    def psql(self, database=DATABASE):
        return super().psql(database)

    def tell(self, *what, database=DATABASE):
        super().tell(*what, database=database)

    def load(self, cases):
        collation = "template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'"
        self.tell("-c", f"create database {DATABASE} {collation}", database="postgres")
        for name in ("schema.sql", "data.sql", "reset_setup.sql"):
            self.tell("-f", os.path.join(cases, name))
        self.tell("-c", f"alter database {DATABASE} set timezone = 'UTC'")
        # A dump holds no rows of materialized views, and planned counts are what the planner knows.
        fill = "for r in select oid::regclass as view from pg_class where relkind = 'm' loop execute format('refresh materialized view %s', r.view); end loop"
        self.tell("-c", f"do $$ declare r record; begin {fill}; end $$")
        self.tell("-c", "analyze")
        # A role without rights of its own: what the requests may is what the anonymous role may.
        self.tell("-c", f"create role {LOGIN} login noinherit; grant {ANONYMOUS} to {LOGIN}")
        others = f"for r in select rolname from pg_roles where rolname ~ '^postgrest_test' and not rolsuper"
        self.tell("-c", f"do $$ declare r record; begin {others} loop execute format('grant %I to {LOGIN}', r.rolname); end loop; end $$")


def configuration(postgres):
    secret = "reallyreallyreallyreallyverysafe"
    return CONFIG.format(port=postgres.port, login=LOGIN, database=DATABASE, anonymous=ANONYMOUS, secret=secret)


def run(cases, athena, postgres, more):
    key = athena.key(name="cases", client_name="pgrst", rights=["gateway.*", "schema.read"])
    reset = " ".join(postgres.psql()) + " -c 'select _reset.restore()'"
    command = [sys.executable, os.path.join(cases, "run.py"), "--base", f"{athena.url}/rest/v1", "--schema", "test"]
    command += ["--header", "X-Athena-Client: pgrst", "--header", f"apikey: {key}", "--reset-cmd", reset]
    command += ["--cases", os.path.join(cases, "public_cases.jsonl"), *more]
    print("By hand:", " ".join(f"'{word}'" if " " in word else word for word in command), flush=True)
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE)
    print(done.stdout, end="", flush=True)
    passed = re.search(r"passed (\d+)/(\d+)", done.stdout)
    if done.returncode != 0 or not passed:
        raise SystemExit("the cases could not be run")
    return int(passed[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--at-least", type=int, default=0)
    parser.add_argument("--cases", default=os.path.join(ROOT, "..", "shared", "postgrest"))
    parser.add_argument("--stay", action="store_true")
    said = sys.argv[1:]
    at = said.index("--") if "--" in said else len(said)
    options, more = parser.parse_args(said[:at]), said[at + 1:]
    cases = os.path.abspath(options.cases)
    if not os.path.exists(os.path.join(cases, "run.py")):
        raise SystemExit(f"there are no cases in {cases}; --cases names their folder")
    folder = tempfile.mkdtemp(prefix="athena-postgrest.")
    os.chmod(folder, 0o755)
    postgres = Cases(folder)
    athena = None
    try:
        postgres.start()
        postgres.load(cases)
        athena = Athena(options.program, folder, configuration(postgres))
        athena.until_ready()
        passed = run(cases, athena, postgres, more)
        if options.stay:
            print(f"log: {athena.log}\npsql: {' '.join(postgres.psql())}\nEnter ends it.", flush=True)
            sys.stdin.readline()
    finally:
        if athena:
            athena.stop()
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"cases: {passed}")
    if passed < options.at_least:
        raise SystemExit(f"only {passed} of at least {options.at_least} cases passed")


main()
