# shellcheck shell=bash
# Installs the Debian packages that a build needs. To be sourced.

readonly PACKAGES=(
  bazel-bootstrap zip              # Bazel 4, with the JDK and python3 that it needs; test outputs
  clang-19 lld-19                  # the default compiler and linker
  libclang-rt-19-dev llvm-19       # sanitizers, libFuzzer; the symbolizer of their reports
  g++                              # the other compiler, and the C++ library of both
  libgtest-dev libgmock-dev
  libabsl-dev
  librapidcheck-dev
  libbenchmark-dev
  nlohmann-json3-dev               # for tests that read JSON
  afl++                            # the other fuzzing engine
  gdb                              # the test of the commands for it
  chromium                         # the test of the HTML report
)

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

is_installed() {
  [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# Does nothing, and needs no rights, when all is there.
install_packages() {
  if ! command -v dpkg-query >/dev/null; then
    echo "Not a Debian system; going on without a check of the packages: ${PACKAGES[*]}"
    return
  fi

  local package missing=()
  for package in "${PACKAGES[@]}"; do
    is_installed "$package" || missing+=("$package")
  done
  ((${#missing[@]})) || return 0

  echo "Installing what is missing: ${missing[*]}"
  ((EUID == 0)) || die "installing needs root: sudo apt-get install ${missing[*]}"
  apt-get update -qq || die "apt-get update failed: is there a network?"
  for package in "${missing[@]}"; do
    apt-get install --simulate -qq "$package" >/dev/null ||
      die "this system's apt cannot install the package '$package'"
  done
  DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    die "apt-get failed to install: ${missing[*]}"
}
