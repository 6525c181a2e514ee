# shellcheck shell=bash
# How our scripts call Bazel. To be sourced.

# With the cache, going back to another config is cheap: Bazel itself keeps one config's results.
# shellcheck disable=SC2034  # read by the scripts that source this
readonly BAZEL_OPTIONS=(
  --disk_cache="${HOME:?}/.cache/hocket-bazel"
  --show_progress_rate_limit=20
)
