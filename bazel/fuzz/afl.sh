# shellcheck shell=bash
# Starts AFL++: see BUILD.bazel. Several of them share their findings: `-- -M main` and `-- -S second`.
set -euo pipefail

if ((FUZZER_IS_REGRESSION)); then
  find -L "$FUZZER_SEED_CORPUS_DIR" "$FUZZER_OUTPUT_CORPUS_DIR" -type f -exec "$FUZZER_BINARY" {} +
  exit
fi

command=("${AFL_PATH:-/usr/bin}/afl-fuzz" -i "$FUZZER_SEED_CORPUS_DIR" -o "$FUZZER_OUTPUT_ROOT/afl")
((FUZZER_TIMEOUT_SECS == 0)) || command+=(-V "$FUZZER_TIMEOUT_SECS")
max_len=$(sed -nE 's/^max_len *= *([0-9]+)$/\1/p' "$FUZZER_OPTIONS_PATH")
[[ -z $max_len ]] || command+=(-G "$max_len")
[[ -z $FUZZER_DICTIONARY_PATH ]] || command+=(-x "$FUZZER_DICTIONARY_PATH")
# What an earlier run has left is gone on with.
export AFL_AUTORESUME=1
status=0
"${command[@]}" "$@" -- "$FUZZER_BINARY" || status=$?

# As libFuzzer names what fails.
for file in "$FUZZER_OUTPUT_ROOT"/afl/*/crashes/id:*; do
  [[ ! -f $file ]] || cp "$file" "$FUZZER_ARTIFACTS_DIR/crash-$(sha1sum <"$file" | cut -d' ' -f1)"
done
exit "$status"
