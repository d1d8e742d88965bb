# Shared by the scripts beside this file: words on the screen, places on the disk, the set-up.
# shellcheck shell=bash
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
ATHENA_CACHE=${ATHENA_CACHE:-${XDG_CACHE_HOME:-${HOME:?set HOME to a folder you can write to}/.cache}/athena}
TOOLS=$ATHENA_CACHE/tools
BEGAN=$SECONDS
# A clean checkout would compile everything again if its target folder went with it.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$ATHENA_CACHE/target}
export SITE_DIR=$CARGO_TARGET_DIR/site
export PATH=$TOOLS/bin:$ROOT/node_modules/.bin:$PATH

# shellcheck source=scripts/toolchain.sh
. "$ROOT/scripts/toolchain.sh"
# shellcheck source=scripts/tools.sh
. "$ROOT/scripts/tools.sh"

# One line, with the minutes and seconds since the script began.
say() {
    local passed=$((SECONDS - BEGAN))
    printf '[%02d:%02d] %s\n' $((passed / 60)) $((passed % 60)) "$*"
}

die() {
    printf '\nCannot go on: %s\n' "$*" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# Run something long. Its output goes to a log; a line every 15 seconds says that it lives; the log's end is shown when it fails.
step() {
    local what=$1 log status=0 start=$SECONDS
    shift
    log=$(mktemp "${TMPDIR:-/tmp}/athena-step.XXXXXX")
    say "$what"
    "$@" >"$log" 2>&1 </dev/null &
    local child=$! ticks=0
    # What runs in a script's background does not hear Ctrl-C by itself.
    trap 'kill "$child" 2>/dev/null; exit 130' INT TERM
    while kill -0 "$child" 2>/dev/null; do
        sleep 0.2
        ticks=$((ticks + 1))
        if ((ticks % 75 == 0)); then
            printf '        … %d s: %s\n' $((SECONDS - start)) "$(tail -n 1 "$log" | tr -d '\r' | cut -c1-100)"
        fi
    done
    wait "$child" || status=$?
    trap - INT TERM
    if ((status != 0)); then
        tail -n "${STEP_LINES:-40}" "$log" >&2
        printf '\n%s: failed (status %d). The whole log: %s\n' "$what" "$status" "$log" >&2
        return "$status"
    fi
    rm -f "$log"
}

# Whether packages can be installed here: root, or sudo that does not ask.
may_install() {
    have apt-get && { [ "$(id -u)" = 0 ] || { have sudo && sudo -n true 2>/dev/null; }; }
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

apt_install() {
    if [ -z "${APT_LISTS_FRESH:-}" ]; then
        step "Reading the distribution's package lists" as_root apt-get update -q ||
            say "The package lists could not all be read; going on with what is known"
        APT_LISTS_FRESH=1
    fi
    step "Installing $*" as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
}

# Everything the other scripts need. Quick when there is nothing to do.
set_up() {
    need_compiler
    choose_toolchain
    need_wasm_bindgen
    need_node
}
