"""Bzlmod's door to our repository rules. Bazel 4 must not load this file."""

load("//bazel:afl.bzl", "afl_repository")
load("//bazel:lib_fuzzing_engine.bzl", "lib_fuzzing_engine_repository")
load("//bazel:libfuzzer.bzl", "libfuzzer_repository")

def _engines_impl(_ctx):
    afl_repository(name = "hocket_afl")
    lib_fuzzing_engine_repository(name = "hocket_lib_fuzzing_engine")
    libfuzzer_repository(name = "hocket_libfuzzer")

engines = module_extension(implementation = _engines_impl)
