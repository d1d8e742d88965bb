# The program compiled twice: once so that it counts what it does, once by what was counted.
# shellcheck shell=bash

# Only the compiler's own LLVM reads what its programs count. Leaves PROFDATA.
need_profdata() {
    local own major
    own=$(rustc --print sysroot)/lib/rustlib/$(host)/bin/llvm-profdata
    major=$(rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
    for PROFDATA in "$own" "/usr/bin/llvm-profdata-$major"; do
        if [ -x "$PROFDATA" ]; then return; fi
    done
    PROFDATA=$own
    if have rustup && step "Adding rustup's llvm-tools" timeout 300 rustup component add llvm-tools && [ -x "$own" ]; then return; fi
    may_install || die "llvm-profdata of LLVM $major is missing: rustup component add llvm-tools (Debian: llvm-$major)."
    apt_install "llvm-$major" || die "llvm-profdata of LLVM $major is missing: rustup component add llvm-tools."
    PROFDATA=/usr/bin/llvm-profdata-$major
}

host() { rustc -vV | sed -n 's/^host: //p'; }

# For a named target, so that what runs while compiling neither counts nor is slowed down by it.
compile() {
    local what=$1 into=$2 flag=$3
    STEP_LINES=60 step "$what" env -u RUSTFLAGS ATHENA_SITE_DIR="$SITE_DIR" \
        cargo build --release -p server --bin athena --features embed-assets \
        --target "$(host)" --target-dir "$into" --config "build.rustflags=['$flag']"
}

# The site is there already. Leaves ATHENA_BIN.
build_trained() {
    local counting=$CARGO_TARGET_DIR/counting trained=$CARGO_TARGET_DIR/trained counts
    need_profdata
    compile "Compiling athena so that it counts (ten minutes the first time)" "$counting" -Cprofile-generate || return
    counts=$(mktemp -d "${TMPDIR:-/tmp}/athena-counts.XXXXXX")
    step "Using it for a while" env LLVM_PROFILE_FILE="$counts/%m_%p.profraw" \
        python3 scripts/train.py "$counting/$(host)/release/athena" || return
    # Cargo does not look at the profile, so nothing that was compiled by another one may stay.
    rm -rf "$trained"
    mkdir -p "$trained"
    "$PROFDATA" merge -o "$trained/athena.profdata" "$counts"/*.profraw || return
    rm -rf "$counts"
    compile "Compiling athena by what was counted (ten minutes)" "$trained" "-Cprofile-use=$trained/athena.profdata" || return
    ATHENA_BIN=$trained/athena
    cp "$trained/$(host)/release/athena" "$ATHENA_BIN"
    say "Built $ATHENA_BIN"
}
