# Shared by the scripts beside it: where the project is, how to speak, and how to stop with a remedy. Sourced, never run.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
export CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-auto}
target_dir=${CARGO_TARGET_DIR:-$root/target}

say() { printf '%s\n' "$*" >&2; }
fail() {
    printf 'error: %s\n' "$1" >&2
    [ -z "${2:-}" ] || printf '  fix: %s\n' "$2" >&2
    exit 1
}
# The programs that npm installed for this platform. Their wrapper in node_modules/.bin exits 0 whatever happens.
forge() { "$root"/node_modules/@foundry-rs/forge-*/bin/forge "$@"; }
have() { command -v "$1" >/dev/null 2>&1; }

# apt_install WHY PACKAGE...: installs what is missing, as root or through sudo.
apt_install() {
    local why=$1 as=()
    shift
    [ "$(id -u)" = 0 ] || as=(sudo)
    have apt-get || fail "$why is missing" "install it with your package manager (Debian's name: $*), then run this again"
    { [ "$(id -u)" = 0 ] || have sudo; } || fail "$why is missing and this user cannot install it" "as root: apt-get install $*"
    say "- installing $* ($why)"
    "${as[@]}" apt-get -q update >&2 && DEBIAN_FRONTEND=noninteractive "${as[@]}" apt-get -q install -y --no-install-recommends "$@" >&2 \
        || fail "apt could not install $*" "check the network and apt's sources, then run this again"
}

# Where std for wasm32 was built from source, use that sysroot (and only for wasm32).
use_wasm_sysroot() {
    local sysroot=$target_dir/wasm-sysroot
    if [ -f "$sysroot/.complete" ] && [ "$(cat "$sysroot/.complete")" = "$(rustc -vV | sed -n 's/^commit-hash: //p')" ]; then
        export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="--sysroot=$sysroot"
    fi
}

# Builds the Stylus programs to wasm.
build_programs() {
    use_wasm_sysroot
    cargo build --locked --profile contract --target wasm32-unknown-unknown \
        -p hedgerow-lens -p hedgerow-directlens -p hedgerow-ranges -p hedgerow-stake -p hedgerow-options -p hedgerow-hedge -p hedgerow-risk \
        -p hedgerow-statistics -p hedgerow-chances -p hedgerow-manager -p hedgerow-direct \
        || fail "the Stylus programs do not build" "read the compiler's first error above"
}
