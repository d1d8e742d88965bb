# Which Rust to use: rustup's own with its wasm target, else the distribution's with a wasm library built here.
# shellcheck shell=bash

WASM=wasm32-unknown-unknown

# The oldest Rust the workspace compiles with, from Cargo.toml.
oldest_rust() { sed -n 's/^rust-version = "\(.*\)"/\1/p' "$ROOT/Cargo.toml" | head -n 1; }

# Whether version $1 is at least $2.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

rust_version() { "$@" --version 2>/dev/null | sed -n 's/^rustc \([0-9.]*\).*/\1/p'; }

is_new_enough() {
    local version
    version=$(rust_version "$@")
    [ -n "$version" ] && at_least "$version" "$(oldest_rust)"
}

# Whether this rustc (a command with its arguments) can build for the browser.
has_wasm() {
    local sysroot
    sysroot=$("$@" --print sysroot 2>/dev/null) || return 1
    compgen -G "$sysroot/lib/rustlib/$WASM/lib/libstd-*.rlib" >/dev/null
}

has_lint() { cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1; }

# Leaves `cargo` and `rustc` in PATH meaning one toolchain for both halves: their server-function paths must agree.
choose_toolchain() {
    if [ -n "${RUSTUP_TOOLCHAIN:-}" ]; then
        has_wasm rustc || die "RUSTUP_TOOLCHAIN is $RUSTUP_TOOLCHAIN, which has no $WASM target. Add it, or unset the variable."
    elif have rustup; then
        with_rustup
    else
        without_rustup
    fi
    has_linker
    if ! has_lint; then
        have rustup && rustup component add rustfmt clippy >/dev/null 2>&1 || true
        has_lint || say "There is no rustfmt or clippy in this toolchain; scripts/test will need them"
    fi
    say "Rust $(rust_version rustc)${RUSTUP_TOOLCHAIN:+ (toolchain $RUSTUP_TOOLCHAIN)}"
}

with_rustup() {
    if is_new_enough rustc && has_wasm rustc; then return; fi
    if rustup toolchain list | grep -q '^web\b' && has_wasm rustc +web; then
        export RUSTUP_TOOLCHAIN=web
        return
    fi
    if ! is_new_enough rustc; then
        step "Rust $(oldest_rust) or newer is needed; asking rustup" timeout 600 rustup update --no-self-update stable &&
            export RUSTUP_TOOLCHAIN=stable || true
    fi
    if is_new_enough rustc && step "Adding rustup's $WASM target" timeout 300 rustup target add "$WASM" && has_wasm rustc; then return; fi
    unset RUSTUP_TOOLCHAIN
    say "rustup could not fetch it; trying the distribution's Rust"
    distribution_rust
    rustup toolchain link web /usr
    export RUSTUP_TOOLCHAIN=web
}

without_rustup() {
    if is_new_enough rustc && has_wasm rustc; then return; fi
    if [ -x /usr/bin/rustc ] && is_new_enough /usr/bin/rustc && has_wasm /usr/bin/rustc; then
        export PATH=/usr/bin:$PATH
        return
    fi
    distribution_rust
    export PATH=/usr/bin:$PATH
}

# Debian's compiler with its sources; its wasm standard library is compiled here, once.
distribution_rust() {
    local advice="install Rust $(oldest_rust) or newer with rustup (https://rustup.rs), then: rustup target add $WASM"
    if ! { [ -x /usr/bin/rustc ] && is_new_enough /usr/bin/rustc && [ -d /usr/lib/rustlib/src/rust/library ]; }; then
        may_install || die "$advice. (With root or sudo, this script can use Debian's rustc-web instead.)"
        apt_install rustc-web cargo-web libstd-rust-web-dev rust-web-src rust-web-clippy rustfmt-web || die "$advice."
    fi
    is_new_enough /usr/bin/rustc || die "/usr/bin/rustc is older than $(oldest_rust); $advice."
    has_wasm /usr/bin/rustc && return
    may_install || [ -w /usr/lib/rustlib ] || die "the wasm library must be put into /usr/lib/rustlib once, as root: run scripts/setup as root, or $advice."
    wasm_library
}

wasm_library() {
    local work into=/usr/lib/rustlib/$WASM/lib
    work=$(mktemp -d "${TMPDIR:-/tmp}/athena-wasm-std.XXXXXX")
    mkdir "$work/src"
    printf '[package]\nname = "hollow"\nversion = "0.0.0"\nedition = "2021"\n' >"$work/Cargo.toml"
    : >"$work/src/lib.rs"
    step "Compiling Rust's standard library for the browser (about a minute)" \
        env -u RUSTUP_TOOLCHAIN -u RUSTFLAGS RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$work/target" \
        /usr/bin/cargo build --manifest-path "$work/Cargo.toml" --release --target "$WASM" \
        -Z build-std=std,panic_abort,panic_unwind ||
        die "the wasm standard library did not compile (see above)."
    rm -f "$work/target/$WASM/release/deps/"libhollow-*.rlib
    as_root mkdir -p "$into"
    as_root cp "$work/target/$WASM/release/deps/"*.rlib "$into/"
    as_root chmod -R a+rX "/usr/lib/rustlib/$WASM"
    rm -rf "$work"
}

# Debian's rustc looks for `rust-lld` in its own folder and does not bring it.
has_linker() {
    local sysroot host major lld link
    sysroot=$(rustc --print sysroot)
    host=$(rustc -vV | sed -n 's/^host: //p')
    link=$sysroot/lib/rustlib/$host/bin/rust-lld
    # Executable for this user: a link into somebody else's home is not.
    if "$link" -flavor wasm --version >/dev/null 2>&1; then return; fi
    major=$(rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
    lld=/usr/lib/llvm-$major/bin/lld
    if [ ! -x "$lld" ]; then
        may_install || die "the linker for the browser half is missing: install lld-$major."
        apt_install "lld-$major" || die "the linker for the browser half is missing: install lld-$major."
    fi
    if may_install && [ "$sysroot" = /usr ]; then
        as_root mkdir -p "$(dirname "$link")"
        as_root ln -sfn "$lld" "$link"
    else
        export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=/usr/lib/llvm-$major/bin/wasm-ld
    fi
}
