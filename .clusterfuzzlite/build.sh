#!/bin/bash
# Builds the fuzz tests into $OUT: each with its seeds, options and dictionary. ClusterFuzzLite and OSS-Fuzz run this
# with their compiler ($CC), flags ($CXXFLAGS; there is no C here), engine ($LIB_FUZZING_ENGINE) and $SANITIZER in the
# environment.
set -euo pipefail
cd "$SRC/hocket"

# As OSS-Fuzz's own bazel_build_fuzz_tests finds them, which cannot build them: it gives flags to rules_fuzzing.
mapfile -t fuzz_tests < <(bazel query --noshow_progress '
  let all_fuzz_tests = attr(tags, "fuzz-test", "//...") in
  let cc_fuzz_tests = attr(generator_function, "^cc_fuzz_test$", $all_fuzz_tests) in
  $cc_fuzz_tests - attr(tags, "no-oss-fuzz", $cc_fuzz_tests)')
((${#fuzz_tests[@]}))

# Word splitting is meant here and below: these are lists of flags.
# shellcheck disable=SC2206
flags=(
  --config=lib_fuzzing_engine
  --repo_env=CC="$CC"
  --repo_env=LIB_FUZZING_ENGINE="$LIB_FUZZING_ENGINE"
  ${BAZEL_EXTRA_BUILD_FLAGS-}
)
for flag in $CXXFLAGS; do
  case $flag in
    # For all but the runtime and the harness, whose branches say nothing about the program under test.
    -fsanitize=fuzzer* | -fsanitize-coverage=*)
      flags+=("--per_file_copt=^//,-//runtime,-//harness@${flag//,/\\,}")
      ;;
    *) flags+=(--copt="$flag") ;;
  esac
  flags+=(--linkopt="$flag")
done
# Bazel links with the C compiler, which does not think of the C++ parts.
[[ $CXXFLAGS != *-stdlib=libc++* ]] || flags+=(--linkopt=-lc++)
[[ $SANITIZER != undefined ]] || flags+=(--linkopt=-fsanitize-link-c++-runtime)

bazel build "${flags[@]}" "${fuzz_tests[@]/%/_oss_fuzz}"
for fuzz_test in "${fuzz_tests[@]}"; do
  path=${fuzz_test#//}
  tar --no-same-owner -xf "bazel-bin/${path/://}_oss_fuzz.tar" -C "$OUT"
done
