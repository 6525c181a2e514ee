# shellcheck shell=bash
# Starts AFL++: see BUILD.bazel. Several of them share their findings: `-- -M main` and `-- -S second`.
set -euo pipefail

if ((FUZZER_IS_REGRESSION)); then
  find -L "$FUZZER_SEED_CORPUS_DIR" "$FUZZER_OUTPUT_CORPUS_DIR" -type f -exec "$FUZZER_BINARY" {} +
  exit
fi

# afl-fuzz passes over links, which is what runfiles are.
seeds=$(mktemp -d)
trap 'rm -rf "$seeds"' EXIT
cp -rL "$FUZZER_SEED_CORPUS_DIR/." "$FUZZER_OUTPUT_CORPUS_DIR/." "$seeds"

command=(afl-fuzz -i "$seeds" -o "$FUZZER_OUTPUT_ROOT/afl")
((FUZZER_TIMEOUT_SECS == 0)) || command+=(-V "$FUZZER_TIMEOUT_SECS")
# Once an input that is too short has got somewhere by its tail, which no mutation changes bit by bit, longer ones that
# get as far are no news. Hence no short ones.
command+=(-g 32)
max_len=$(sed -nE 's/^max_len *= *([0-9]+)$/\1/p' "$FUZZER_OPTIONS_PATH")
[[ -z $max_len ]] || command+=(-G "$max_len")
[[ -z $FUZZER_DICTIONARY_PATH ]] || command+=(-x "$FUZZER_DICTIONARY_PATH")
# It insists on both.
[[ -z ${ASAN_OPTIONS-} ]] || export ASAN_OPTIONS=$ASAN_OPTIONS:abort_on_error=1:symbolize=0
# What an earlier run has left is gone on with.
export AFL_AUTORESUME=1
status=0
"${command[@]}" "$@" -- "$FUZZER_BINARY" || status=$?

# copy_inputs FOLDER PREFIX FILE...: as libFuzzer names them, so that other engines and tools find them.
copy_inputs() {
  local folder=$1 prefix=$2 file
  shift 2
  for file; do
    [[ ! -f $file ]] || cp "$file" "$folder/$prefix$(sha1sum <"$file" | cut -d' ' -f1)"
  done
}
copy_inputs "$FUZZER_OUTPUT_CORPUS_DIR" '' "$FUZZER_OUTPUT_ROOT"/afl/*/queue/id:*
copy_inputs "$FUZZER_ARTIFACTS_DIR" crash- "$FUZZER_OUTPUT_ROOT"/afl/*/crashes/id:*
copy_inputs "$FUZZER_ARTIFACTS_DIR" timeout- "$FUZZER_OUTPUT_ROOT"/afl/*/hangs/id:*
exit "$status"
