"""The engine that $LIB_FUZZING_ENGINE names, as the target @hocket_lib_fuzzing_engine//:engine.

The variable is that of OSS-Fuzz: an archive, or flags for the linker. Whatever it is has a main() that calls
LLVMFuzzerTestOneInput.
"""

_BUILD = """
load("@rules_cc//cc:defs.bzl", "cc_library")

cc_library(
    name = "engine",
    linkopts = {linkopts},
    visibility = ["//visibility:public"],
)
"""

def _lib_fuzzing_engine_repository_impl(ctx):
    words = [word for word in ctx.os.environ.get("LIB_FUZZING_ENGINE", "").split(" ") if word]
    if not words:
        fail("--config=lib_fuzzing_engine links the engine that $LIB_FUZZING_ENGINE names, and the variable is empty")

    # Engines may refer to the function weakly, and linkers may read an archive but once.
    linkopts = ["-Wl,-u,LLVMFuzzerTestOneInput"] + words
    ctx.file("BUILD.bazel", _BUILD.format(linkopts = repr(linkopts)))

lib_fuzzing_engine_repository = repository_rule(
    implementation = _lib_fuzzing_engine_repository_impl,
    environ = ["LIB_FUZZING_ENGINE"],
    local = True,
)
