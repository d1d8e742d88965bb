# The tools beside Rust: a C compiler, wasm-bindgen, node with its packages, and for tests a browser, Redis and PostgreSQL.
# shellcheck shell=bash

need_compiler() {
    have cc && return
    may_install || die "a C compiler is missing: install gcc (Debian: apt-get install gcc libc6-dev)."
    apt_install gcc libc6-dev || die "a C compiler is missing: install gcc."
}

# The version of a package in Cargo.lock.
locked() { awk -v name="\"$1\"" '$1 == "name" { found = ($3 == name) } found && $1 == "version" { gsub(/"/, "", $3); print $3; exit }' "$ROOT/Cargo.lock"; }

# wasm-bindgen's tool refuses a library of any other version.
need_wasm_bindgen() {
    local version
    version=$(locked wasm-bindgen)
    [ "$(wasm-bindgen --version 2>/dev/null)" = "wasm-bindgen $version" ] && return
    # Its own lock file may name a package that a mirror has not got yet, so it is resolved afresh.
    step "Installing wasm-bindgen-cli $version (two to three minutes)" \
        env CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off \
        cargo install wasm-bindgen-cli --version "$version" --root "$TOOLS" --force ||
        die "wasm-bindgen-cli $version could not be installed; try: cargo install wasm-bindgen-cli --version $version"
}

# Tailwind, wasm-opt and the browser driver, at the versions of package-lock.json.
need_node() {
    local stamp=$ROOT/node_modules/.athena-lock
    if ! have node || ! have npm || ! at_least "$(node --version | tr -d v)" 18; then
        may_install || die "node 18 or newer with npm is missing: install it from https://nodejs.org or your distribution."
        apt_install nodejs npm || die "node 18 or newer with npm is missing."
    fi
    cmp -s "$ROOT/package-lock.json" "$stamp" && return
    (cd "$ROOT" && step "Fetching Tailwind, wasm-opt and the browser driver" npm ci --no-progress) ||
        die "npm could not fetch the packages of package-lock.json."
    cp "$ROOT/package-lock.json" "$stamp"
}

# Only the tests need these.
need_test_tools() {
    has_lint || die "rustfmt and clippy are missing: rustup component add rustfmt clippy (Debian: rust-web-clippy rustfmt-web)."
    if [ -z "${CHROMIUM:-}" ]; then
        CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
        if [ -z "$CHROMIUM" ]; then
            may_install || die "the browser tests need Chromium: install it, or set CHROMIUM to its program."
            apt_install chromium || die "the browser tests need Chromium."
            CHROMIUM=$(command -v chromium)
        fi
    fi
    export CHROMIUM
    need_redis
    has_postgres && return
    may_install || die "the tests need PostgreSQL's programs (14 or newer): install them (Debian: apt-get install postgresql)."
    # Only the programs are wanted, not a server on the machine's own port.
    as_root mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] ||
        as_root sh -c 'echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf'
    apt_install postgresql || die "the tests need PostgreSQL's programs."
}

# The cache's tests start a Redis of their own and kill it.
need_redis() {
    local policy=/usr/sbin/policy-rc.d made=
    have redis-server && return
    may_install || die "the tests need redis-server (6 or newer): install it (Debian: apt-get install redis-server)."
    # Only the program is wanted, not a server on the machine's own port, now or after a restart.
    if [ ! -e "$policy" ]; then
        as_root sh -c "printf '#!/bin/sh\nexit 101\n' >$policy && chmod +x $policy" && made=1
    fi
    apt_install redis-server || true
    [ -z "$made" ] || as_root rm -f "$policy"
    ! have systemctl || as_root systemctl disable redis-server >/dev/null 2>&1 || true
    have redis-server || die "the tests need redis-server."
}

has_postgres() { [ -n "$(postgres_bin)" ]; }

# The folder with initdb and postgres, newest first; Homebrew and Red Hat keep theirs out of PATH too.
postgres_bin() {
    local found
    found=$(command -v initdb || true)
    [ -n "$found" ] || found=$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1 || true)
    [ -n "$found" ] || found=$(compgen -G '/usr/pgsql-*/bin/initdb' | sort -V | tail -n 1 || true)
    [ -n "$found" ] || found=$(compgen -G '/opt/homebrew/opt/postgresql@*/bin/initdb' | sort -V | tail -n 1 || true)
    [ -z "$found" ] || dirname "$found"
}
