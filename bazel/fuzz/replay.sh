# shellcheck shell=bash
# Runs the inputs that there are: what is left to do without an engine that we know how to start. See BUILD.bazel.
set -euo pipefail

if ((!FUZZER_IS_REGRESSION)); then
  echo "no engine to fuzz with: build with --config=libfuzzer or --config=afl, or say --regression" >&2
  exit 2
fi
exec "$FUZZER_BINARY" "$@" "$FUZZER_SEED_CORPUS_DIR" "$FUZZER_OUTPUT_CORPUS_DIR"
