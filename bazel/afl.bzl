"""AFL++'s driver for LLVMFuzzerTestOneInput and its runtime, as the target @hocket_afl//:driver."""

_BUILD = """
load("@rules_cc//cc:defs.bzl", "cc_import", "cc_library")

cc_import(
    name = "archive",
    static_library = "libAFLDriver.a",
    alwayslink = True,
)

cc_library(
    name = "driver",
    srcs = ["afl-compiler-rt.o"],
    visibility = ["//visibility:public"],
    deps = [":archive"],
)
"""

def _afl_repository_impl(ctx):
    folder = ctx.os.environ.get("AFL_PATH", "/usr/lib/afl")
    for name in ["libAFLDriver.a", "afl-compiler-rt.o"]:
        if not ctx.path(folder + "/" + name).exists:
            fail("%s has no %s: install AFL++ (Debian: afl++), or say in $AFL_PATH where it is" % (folder, name))
        ctx.symlink(folder + "/" + name, name)
    ctx.file("BUILD.bazel", _BUILD)

afl_repository = repository_rule(
    implementation = _afl_repository_impl,
    environ = ["AFL_PATH"],
    local = True,
)
