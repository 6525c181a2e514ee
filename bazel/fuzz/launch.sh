#!/usr/bin/env bash
# Starts a fuzz test under the engine that it was built with. cc_fuzz_test fills in the paths.
set -euo pipefail

usage() {
  cat >&2 <<EOF
Usage: ${0##*/} [FLAG...] [-- ARGUMENT...]
  --timeout_secs=N          fuzz for so long; the default is 0, until it is ended
  --regression              run the inputs of the corpus, and nothing else
  --clean                   first remove what earlier runs have left
  --fuzzing_output_root=DIR where inputs and failures are kept; the default is /tmp/fuzzing
Arguments behind -- go to the engine.
EOF
  exit 2
}

timeout_secs=0
is_regression=0
clean=0
output_root=/tmp/fuzzing
while (($#)); do
  case $1 in
    --timeout_secs=*) timeout_secs=${1#*=} ;;
    --regression) is_regression=1 ;;
    --clean) clean=1 ;;
    --fuzzing_output_root=?*) output_root=${1#*=} ;;
    --) shift && break ;;
    *) usage ;;
  esac
  shift
done
[[ $timeout_secs =~ ^[0-9]+$ ]] || usage
# `bazel run` starts this elsewhere.
[[ $output_root == /* ]] || output_root=${BUILD_WORKING_DIRECTORY:-$PWD}/$output_root

self=$(cd "$(dirname "$0")" && pwd)/${0##*/}
runfiles=${RUNFILES_DIR:-$self.runfiles}
# As data of another program it shares the runfiles of that one.
[[ -d $runfiles ]] || runfiles=${self%.runfiles/*}.runfiles
runfile() { if [[ -n $1 ]]; then (cd "$runfiles/@WORKSPACE@" && realpath "$1"); fi; }

FUZZER_BINARY=$(runfile '@BINARY@')
FUZZER_SEED_CORPUS_DIR=$(runfile '@CORPUS@')
FUZZER_DICTIONARY_PATH=$(runfile '@DICTIONARY@')
FUZZER_OPTIONS_PATH=$(runfile '@OPTIONS@')
FUZZER_TIMEOUT_SECS=$timeout_secs
FUZZER_IS_REGRESSION=$is_regression
# Inputs of one fuzz test are of no use to another.
FUZZER_OUTPUT_ROOT=$output_root/@NAME@
FUZZER_OUTPUT_CORPUS_DIR=$FUZZER_OUTPUT_ROOT/corpus
FUZZER_ARTIFACTS_DIR=$FUZZER_OUTPUT_ROOT/artifacts
export FUZZER_BINARY FUZZER_SEED_CORPUS_DIR FUZZER_DICTIONARY_PATH FUZZER_OPTIONS_PATH FUZZER_TIMEOUT_SECS \
  FUZZER_IS_REGRESSION FUZZER_OUTPUT_ROOT FUZZER_OUTPUT_CORPUS_DIR FUZZER_ARTIFACTS_DIR

# What the options say of sanitizers; the environment wins.
section() { sed -nE "/^\[$1\]/,/^\[/s/^([a-z_]+) *= *(.*)$/\1=\2/p" "$FUZZER_OPTIONS_PATH" | paste -sd:; }
for sanitizer in asan ubsan; do
  variable=${sanitizer^^}_OPTIONS
  options=$(section "$sanitizer")
  [[ -z $options ]] || export "$variable=$options:${!variable-}"
done

((clean == 0)) || rm -rf "${FUZZER_OUTPUT_ROOT:?}"
mkdir -p "$FUZZER_OUTPUT_CORPUS_DIR" "$FUZZER_ARTIFACTS_DIR"
exec "$BASH" "$(runfile '@LAUNCHER@')" "$@"
