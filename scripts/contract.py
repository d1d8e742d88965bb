"""Try the running server against its own OpenAPI document with generated requests.

scripts/contract.py PROGRAM SCHEMATHESIS [EXAMPLES]. Starts PROGRAM with a folder of its own, lets schemathesis loose on it,
stops it, and ends with the number of operations tried. Fails when any answer is a fault, or is not documented.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from served import Athena, ask

# A wrong method is a 404 here, as the contract has it, and a well-formed request may name a table that is not there.
LEFT_OUT = "unsupported_method,allow_header_conformance,positive_data_acceptance"
# Administrators' routes also take what their part of the document does not say yet: clamped limits, members that are null.
OF_ADMIN_TOO = LEFT_OUT + ",negative_data_rejection"
# Names of the demo, so that most requests get as far as its database.
TABLES = ["customers", "invoices", "payments", "tickets", "overdue_invoices", "no_such_table"]
COLUMNS = ["status", "amount", "customer_id", "invoice_id", "created_at", "no_such_column"]


def narrowed(document):
    """The same document, with names that exist in place of any text."""
    table, column = {"type": "string", "enum": TABLES}, {"type": "string", "enum": COLUMNS}
    schema_name = {"type": ["string", "null"], "enum": ["public", None]}
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        properties = schema.get("properties", {})
        for name, only in (("table_name", table), ("column", column), ("schema", schema_name)):
            if name in properties:
                properties[name] = only
    for path in document["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", []) if isinstance(operation, dict) else []:
                if parameter["name"] in ("view", "table_name"):
                    parameter["schema"] = table
                if parameter["name"] in ("eq_column", "sort_by"):
                    parameter["schema"] = column
    return document


def run(schemathesis, document, url, headers, only, examples, left_out=LEFT_OUT):
    command = [schemathesis, "run", document, "--url", url, "--phases", "coverage,fuzzing", "-n", str(examples)]
    command += ["--exclude-checks", left_out, "--continue-on-failure", "--no-color", "--warnings", "off"]
    command += ["--generation-deterministic", "--request-timeout", "30", *only]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    done = subprocess.run(command, cwd=os.path.dirname(document), text=True, capture_output=True)
    tested = re.search(r"Tested: (\d+)", done.stdout)
    cases = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    if done.returncode != 0 or not tested or not cases:
        print(done.stdout[-20000:] + done.stderr[-2000:])
        raise SystemExit("the server does not answer as its document says")
    return int(tested[1]), int(cases[1])


def main(program, schemathesis, examples):
    folder = tempfile.mkdtemp(prefix="athena-contract.")
    os.chmod(folder, 0o755)
    athena = Athena(program, folder)
    url = athena.url
    try:
        athena.until_ready()
        key = athena.key(name="contract", rights=["gateway.*", "schema.read"])
        document = os.path.join(folder, "openapi.json")
        with open(document, "w") as file:
            json.dump(narrowed(ask(url + "/openapi.json")), file)
        of_admin = "^/(admin/|api/v1/datasources|clients|management/|schema/clients)"
        of_registry = "^/(registry|router/)"
        caller = {"X-Athena-Key": key, "X-Athena-Client": "demo"}
        # What is not built says so with a 501, another admin key is not what the next request shows, and a stream of events has no end.
        left_alone = "^/(admin/(admin-key/rotate|provision/(instances|local/pipeline|providers))|api/v1/datasources/events)"
        admin = caller | {"X-Athena-Key": athena.admin}
        tested = [
            # Wrong keys here are guesses at the admin key, which slow down what follows unless that is shown in between.
            run(schemathesis, document, url, admin, ["--include-path-regex", of_registry], examples),
            run(schemathesis, document, url, caller, ["--exclude-path-regex", f"{of_admin}|{of_registry}"], examples),
            run(schemathesis, document, url, admin, ["--include-path-regex", of_admin, "--exclude-path-regex", left_alone], examples, OF_ADMIN_TOO),
        ]
        ask(url + "/health")
    finally:
        athena.stop()
        shutil.rmtree(folder, ignore_errors=True)
    operations, cases = (sum(column) for column in zip(*tested))
    print(f"{cases} generated requests were answered as documented")
    print(f"operations: {operations}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 15)
