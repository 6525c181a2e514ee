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

# Headers alone (docs/fuzz_format.md): tails and seeds in turn, which are random schedules. libFuzzer would come upon as
# many different ones only after several times as many executions.
if ((!FUZZER_IS_REGRESSION)); then
  tails=$FUZZER_OUTPUT_ROOT/tails
  mkdir -p "$tails"
  for ((i = 0; i < 256; ++i)); do
    seed=$((i * 2654435761))
    printf -v header '\\x%02x' \
      $((i % 7)) $((seed & 255)) $((seed >> 8 & 255)) $((seed >> 16 & 255)) $((seed >> 24 & 255))
    # shellcheck disable=SC2059
    printf "$header" >"$tails/$i"
  done
  command+=("$tails")
fi
exec "${command[@]}"
