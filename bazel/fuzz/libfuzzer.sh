# shellcheck shell=bash
# Starts libFuzzer: see BUILD.bazel.
set -euo pipefail

command=("$FUZZER_BINARY")
if ((FUZZER_IS_REGRESSION)); then
  command+=(-runs=0)
elif ((FUZZER_TIMEOUT_SECS > 0)); then
  command+=("-max_total_time=$FUZZER_TIMEOUT_SECS")
fi
# The section [libfuzzer], as flags.
while read -r flag; do
  command+=("$flag")
done < <(sed -nE '/^\[libfuzzer\]/,/^\[/s/^([a-z_]+) *= *(.*)$/-\1=\2/p' "$FUZZER_OPTIONS_PATH")
[[ -z $FUZZER_DICTIONARY_PATH ]] || command+=("-dict=$FUZZER_DICTIONARY_PATH")
command+=("-artifact_prefix=$FUZZER_ARTIFACTS_DIR/" "$@" "$FUZZER_OUTPUT_CORPUS_DIR" "$FUZZER_SEED_CORPUS_DIR")
exec "${command[@]}"
