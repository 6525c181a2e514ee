"""Bzlmod's door to our repository rules. Bazel 4 must not load this file."""

load("//bazel:libfuzzer.bzl", "libfuzzer_repository")

def _engines_impl(_ctx):
    libfuzzer_repository(name = "hocket_libfuzzer")

engines = module_extension(implementation = _engines_impl)
