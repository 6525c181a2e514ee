"""libFuzzer without its main(), as the target @hocket_libfuzzer//:fuzzer_no_main.

The archive belongs to the compiler, so the compiler that $CC names is asked where it is.
"""

_BUILD = """
load("@rules_cc//cc:defs.bzl", "cc_import")

cc_import(
    name = "fuzzer_no_main",
    static_library = "libfuzzer_no_main.a",
    alwayslink = True,
    visibility = ["//visibility:public"],
)
"""

def _libfuzzer_repository_impl(ctx):
    compiler = ctx.os.environ.get("CC", "clang")
    machine = ctx.execute(["uname", "-m"]).stdout.strip()
    archive = "libclang_rt.fuzzer_no_main-%s.a" % machine
    found = ctx.execute([compiler, "-print-file-name=" + archive]).stdout.strip()

    # A compiler that does not have the file answers with the bare name.
    if not found.startswith("/"):
        fail("%s has no %s: use clang, and install its runtime (Debian: libclang-rt-19-dev)" %
             (compiler, archive))
    ctx.symlink(found, "libfuzzer_no_main.a")
    ctx.file("BUILD.bazel", _BUILD)

libfuzzer_repository = repository_rule(
    implementation = _libfuzzer_repository_impl,
    environ = ["CC"],
    local = True,
)
