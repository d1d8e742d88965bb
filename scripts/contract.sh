# The property-based tester, and what it does to the built server. Sourced by scripts/test.
# shellcheck shell=bash

# How many requests are made up for each operation.
CONTRACT_EXAMPLES=${CONTRACT_EXAMPLES:-15}

# schemathesis with every package pinned, in an environment of its own; made anew when a pin changes.
need_schemathesis() {
    local pins=$ROOT/scripts/contract.txt venv
    venv=$TOOLS/schemathesis-$(cksum <"$pins" | cut -d' ' -f1)
    SCHEMATHESIS=$venv/bin/schemathesis
    if [ -x "$SCHEMATHESIS" ]; then return; fi
    have python3 && python3 -c 'import ensurepip' 2>/dev/null || {
        may_install || die "python3 with its venv module is needed for the contract tests."
        apt_install python3 python3-venv
    }
    rm -rf "$venv.part"
    step "Making an environment for schemathesis" python3 -m venv "$venv.part"
    step "Installing schemathesis" "$venv.part/bin/python" -m pip install -q --disable-pip-version-check -r "$pins"
    # Its scripts name the folder they were made in.
    rm -rf "$venv"
    sed -i "s|$venv.part|$venv|g" "$venv.part"/bin/*  2>/dev/null || true
    mv "$venv.part" "$venv"
}

contract_tests() {
    local log status=0
    need_schemathesis
    log=$(mktemp "${TMPDIR:-/tmp}/athena-contract.XXXXXX")
    say "Trying the server against its own OpenAPI document"
    python3 "$ROOT/scripts/contract.py" "$ATHENA_BIN" "$SCHEMATHESIS" "$CONTRACT_EXAMPLES" 2>&1 | tee "$log" || status=$?
    PASSED_CONTRACT=$(awk '/^operations: / { print $2 }' "$log")
    PASSED_CONTRACT=${PASSED_CONTRACT:-0}
    rm -f "$log"
    ((status == 0 && PASSED_CONTRACT > 0))
}
