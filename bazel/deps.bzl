"""What hocket needs, for its own WORKSPACE and for that of a consumer.

    load("@hocket//bazel:deps.bzl", "hocket_dependencies")

    hocket_dependencies()

Nothing is downloaded. The libraries are those that the system has installed; Bazel 4's own rule
sets are stubs. A repository that the consumer's WORKSPACE has defined already is left as it is.
"""

load("//bazel:afl.bzl", "afl_repository")
load("//bazel:lib_fuzzing_engine.bzl", "lib_fuzzing_engine_repository")
load("//bazel:libfuzzer.bzl", "libfuzzer_repository")
load("//bazel:shim.bzl", "shim_repository")

_SHIMS = {
    "com_github_google_benchmark": "third_party/system/benchmark",
    "com_google_absl": "third_party/system/abseil",
    "com_google_googletest": "third_party/system/googletest",
    "nlohmann_json": "third_party/system/nlohmann_json",
    "rapidcheck": "third_party/system/rapidcheck",
    "remote_coverage_tools": "third_party/bazel4/remote_coverage_tools",
    "rules_cc": "third_party/bazel4/rules_cc",
    "rules_java": "third_party/bazel4/rules_java",
}

def hocket_dependencies():
    for name, folder in _SHIMS.items():
        if not native.existing_rule(name):
            shim_repository(name = name, folder = folder)
    afl_repository(name = "hocket_afl")
    lib_fuzzing_engine_repository(name = "hocket_lib_fuzzing_engine")
    libfuzzer_repository(name = "hocket_libfuzzer")
