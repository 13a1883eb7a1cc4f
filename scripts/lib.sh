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

# Where std for wasm32 was built from source, that sysroot; nothing where the toolchain brings std itself.
wasm_sysroot() {
    local sysroot=$target_dir/wasm-sysroot
    if [ -f "$sysroot/.complete" ] && [ "$(cat "$sysroot/.complete")" = "$(rustc -vV | sed -n 's/^commit-hash: //p')" ]; then
        printf '%s' "$sysroot"
    fi
}

# Runs a command with what makes the programs' bytes depend on their source and the compiler only: flags that give every folder
# a name of its own wherever it lies (a panic's message names its file), and none of the builder's own settings.
reproducibly() {
    local home=${CARGO_HOME:-$HOME/.cargo} flags=() name IFS=$'\x1f'
    local unset=(-u RUSTFLAGS -u CARGO_BUILD_RUSTFLAGS -u CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS -u RUSTC_BOOTSTRAP)
    for name in "${!CARGO_PROFILE_@}"; do unset+=(-u "$name"); done
    flags+=("--remap-path-prefix=$root=/hedgerow" "--remap-path-prefix=$target_dir=/target")
    for name in "$home"/registry/src/*; do flags+=("--remap-path-prefix=$name=/crates"); done
    flags+=("--remap-path-prefix=$(rustc --print sysroot)/lib/rustlib/src/rust=/rustc/$(rustc -vV | sed -n 's/^commit-hash: //p')")
    name=$(wasm_sysroot)
    [ -z "$name" ] || flags+=("--sysroot=$name")
    env "${unset[@]}" CARGO_INCREMENTAL=0 CARGO_ENCODED_RUSTFLAGS="${flags[*]}" "$@"
}

# build_programs [PACKAGE...]: builds the Stylus programs to wasm; all of them, unless some are named.
build_programs() {
    local packages=("$@") arguments=() name origin
    if [ ${#packages[@]} = 0 ]; then
        for name in contracts/*/Cargo.toml; do packages+=("hedgerow-$(basename "$(dirname "$name")")"); done
    fi
    for name in "${packages[@]}"; do arguments+=(-p "$name"); done
    # The registry's folder has to be there before it can be given a name.
    cargo fetch --locked --quiet --target wasm32-unknown-unknown \
        || fail "what the Stylus programs are built from could not be fetched" "check that crates.io can be reached, then run this again"
    reproducibly cargo build --locked --profile contract --target wasm32-unknown-unknown "${arguments[@]}" \
        || fail "the Stylus programs do not build" "read the compiler's first error above"
    # rustc writes its own version into a module, but not whose std it took.
    [ -n "$(wasm_sysroot)" ] && origin="built from source" || origin="the toolchain's"
    printf '%s\n' "$origin" >"$target_dir/wasm32-unknown-unknown/contract/std"
}
