"""cc_fuzz_test: one HOCKET_TEST as a GoogleTest test and as the target of every fuzzing engine.

    load("@hocket//bazel:fuzz.bzl", "cc_fuzz_test")

    cc_fuzz_test(
        name = "queue_fuzz",
        srcs = ["queue_fuzz.cc"],
        corpus = glob(["queue_corpus/*"]),
        deps = [":queue"],
    )

The macro has the name, the arguments and the targets of that of rules_fuzzing, because OSS-Fuzz looks for them.
docs/fuzzing.md says how to use it.
"""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library", "cc_test")

# Short inputs are schedules already, and libFuzzer would not try longer ones for long.
_DEFAULT_OPTIONS = {"libfuzzer": {"len_control": 0, "max_len": 512}}

def _flat_name(file):
    return file.short_path.replace("../", "").replace("/", "-")

# "path<tab>name" for a parameter file; nothing for files of the other kind.
def _input_line(file):
    return None if file.extension == "schedule" else "%s\t%s" % (file.path, _flat_name(file))

def _schedule_line(file):
    return "%s\t%s" % (file.path, _flat_name(file)) if file.extension == "schedule" else None

def _corpus_impl(ctx):
    folder = ctx.actions.declare_directory(ctx.label.name)
    lines = ctx.actions.args()
    lines.set_param_file_format("multiline")
    lines.use_param_file("%s", use_always = True)
    lines.add_all(ctx.files.srcs, map_each = _schedule_line if ctx.attr.schedules else _input_line)
    ctx.actions.run_shell(
        inputs = ctx.files.srcs,
        outputs = [folder],
        mnemonic = "FuzzCorpus",
        arguments = [folder.path, ctx.attr.first, lines],
        # Bazel 4's sandbox loses empty folders, and AFL++ wants a seed with something to mutate.
        command = """
set -eu
head -c 32 /dev/zero >"$1/$2"
while IFS='\t' read -r from name; do
  cp "$from" "$1/$name"
done <"$3"
""",
    )
    return [DefaultInfo(files = depset([folder]), runfiles = ctx.runfiles([folder]))]

_fuzz_corpus = rule(
    doc = "A folder with copies of the files, named after their paths: inputs or schedules.",
    implementation = _corpus_impl,
    attrs = {
        "srcs": attr.label_list(allow_files = True),
        "schedules": attr.bool(),
        "first": attr.string(doc = "the name of a file that is there in any case"),
    },
)

def _dict_impl(ctx):
    # Sources may be called <name>.dict.
    out = ctx.actions.declare_file(ctx.label.name + ".dict")
    ctx.actions.run_shell(
        inputs = ctx.files.srcs,
        outputs = [out],
        mnemonic = "FuzzDictionary",
        arguments = [out.path] + [file.path for file in ctx.files.srcs],
        command = r"""
set -eu
out=$1
shift
if grep -nHvE '^\s*(#.*)?$|^\s*([A-Za-z0-9_.-]+(@[0-9]+)?\s*=\s*)?"([^"\\]|\\["\\]|\\x[0-9a-fA-F]{2})+"\s*$' "$@" >&2; then
  echo 'expected lines of the form name="value", with \\, \" and \xAB in values; found the lines above' >&2
  exit 1
fi
cat "$@" >"$out"
""",
    )
    return [DefaultInfo(files = depset([out]), runfiles = ctx.runfiles([out]))]

_fuzz_dict = rule(
    doc = "One dictionary out of several, in the format that libFuzzer and AFL++ read.",
    implementation = _dict_impl,
    attrs = {"srcs": attr.label_list(allow_files = True, mandatory = True)},
)

def _options_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".options")
    ctx.actions.write(out, ctx.attr.content)
    return [DefaultInfo(files = depset([out]), runfiles = ctx.runfiles([out]))]

_fuzz_options = rule(
    doc = "The engines' options, in the format of OSS-Fuzz.",
    implementation = _options_impl,
    attrs = {"content": attr.string()},
)

# What a fuzz test is made of when it is run elsewhere than in `bazel test`.
_PACKAGE = {
    "fuzz_test": attr.string(mandatory = True),
    "binary": attr.label(executable = True, cfg = "target", mandatory = True),
    "corpus": attr.label(allow_single_file = True, mandatory = True),
    "dictionary": attr.label(allow_single_file = True),
    "options": attr.label(allow_single_file = True, mandatory = True),
}

def _launcher_impl(ctx):
    script = ctx.actions.declare_file(ctx.label.name)
    dictionary = ctx.file.dictionary
    files = [ctx.file.corpus, ctx.file.options, ctx.file.engine_launcher] + ([dictionary] if dictionary else [])
    ctx.actions.expand_template(
        template = ctx.file._template,
        output = script,
        is_executable = True,
        substitutions = {
            "@WORKSPACE@": ctx.workspace_name,
            "@NAME@": (ctx.label.package + "/" if ctx.label.package else "") + ctx.attr.fuzz_test,
            "@BINARY@": ctx.executable.binary.short_path,
            "@CORPUS@": ctx.file.corpus.short_path,
            "@DICTIONARY@": dictionary.short_path if dictionary else "",
            "@OPTIONS@": ctx.file.options.short_path,
            "@LAUNCHER@": ctx.file.engine_launcher.short_path,
        },
    )
    runfiles = ctx.runfiles(files).merge(ctx.attr.binary[DefaultInfo].default_runfiles)
    return [DefaultInfo(executable = script, runfiles = runfiles)]

_fuzz_launcher = rule(
    doc = "Starts the binary under its engine: bazel/fuzz/launch.sh.",
    implementation = _launcher_impl,
    executable = True,
    attrs = dict(
        _PACKAGE,
        engine_launcher = attr.label(allow_single_file = True, default = Label("//fuzz:launcher")),
        _template = attr.label(allow_single_file = True, default = Label("//bazel/fuzz:launch.sh")),
    ),
)

def _oss_fuzz_impl(ctx):
    archive = ctx.actions.declare_file(ctx.label.name + ".tar")
    dictionary = ctx.file.dictionary
    ctx.actions.run_shell(
        inputs = [ctx.executable.binary, ctx.file.corpus, ctx.file.options] + ([dictionary] if dictionary else []),
        outputs = [archive],
        mnemonic = "OssFuzzPackage",
        arguments = [
            archive.path,
            ctx.attr.fuzz_test,
            ctx.executable.binary.path,
            ctx.file.corpus.path,
            ctx.file.options.path,
            dictionary.path if dictionary else "",
        ],
        # Neither times nor owners, so that the same files make the same archive.
        command = """
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$3" "$folder/$2"
cp "$5" "$folder/$2.options"
[ -z "$6" ] || cp "$6" "$folder/$2.dict"
chmod 755 "$folder"
cp -rL "$4" "$folder/seeds"
chmod -R u+w "$folder"
find "$folder/seeds" -exec touch -d '1980-01-01 00:00 UTC' {} +
(cd "$folder/seeds" && find . -type f | LC_ALL=C sort | TZ=UTC zip -q -X -@ "../$2_seed_corpus.zip")
rm -r "$folder/seeds"
tar -cf "$1" --sort=name --mtime='1980-01-01 00:00 UTC' --owner=0 --group=0 --numeric-owner -C "$folder" .
""",
    )
    return [DefaultInfo(files = depset([archive]), runfiles = ctx.runfiles([archive]))]

_oss_fuzz_package = rule(
    doc = "The binary with its seeds, options and dictionary, for unpacking in $OUT of an OSS-Fuzz build.",
    implementation = _oss_fuzz_impl,
    attrs = _PACKAGE,
)

def _options_text(options):
    sections = {name: dict(section) for name, section in _DEFAULT_OPTIONS.items()}
    for name, section in options.items():
        sections.setdefault(name, {}).update(section)
    return "".join([
        "[%s]\n" % name + "".join(["%s = %s\n" % (key, value) for key, value in section.items()])
        for name, section in sections.items()
    ])

def cc_fuzz_test(
        name,
        srcs = [],
        deps = [],
        corpus = [],
        dicts = [],
        options = {},
        size = "small",
        timeout = None,
        tags = [],
        visibility = None,
        **kwargs):
    """A fuzz test.

    It has these targets:

    * `<name>`: a GoogleTest test, which runs the corpus and then explores as every HOCKET_TEST does.
    * `<name>_bin`: the binary of the engine (--config=libfuzzer, afl or lib_fuzzing_engine), with the engine's command
      line. Without an engine it runs the files and folders that it is given.
    * `<name>_run`: starts `<name>_bin` with flags that do not depend on the engine; --help lists them.
    * `<name>_corpus`, `<name>_schedules`: folders with the inputs, and the schedules, of the corpus.
    * `<name>_dict`: the dictionaries as one, if there are any.
    * `<name>_oss_fuzz`: a tar with all that OSS-Fuzz wants to have in its folder $OUT.

    Args:
      name: the name of the GoogleTest test.
      srcs: sources with exactly one HOCKET_TEST.
      deps: what they use. The harness is there.
      corpus: inputs (bytes: docs/fuzz_format.md) and schedules (*.schedule: docs/schedule_format.md) to begin with.
      dicts: dictionaries in the format of libFuzzer and AFL++.
      options: more for the engines, by section as OSS-Fuzz knows them: {"libfuzzer": {"max_len": 4096}}.
      size: of the test.
      timeout: of the test.
      tags: of the test, which has "fuzz-test" besides. OSS-Fuzz leaves out what has "no-oss-fuzz".
      visibility: of all targets.
      **kwargs: the sources' (copts, defines, data, ...).
    """
    body = name + "_body"
    cc_library(
        name = body,
        testonly = True,
        srcs = srcs,
        alwayslink = True,
        tags = ["manual"],
        visibility = ["//visibility:private"],
        deps = deps + [Label("//:fuzz_test")],
        **kwargs
    )
    cc_test(
        name = name,
        size = size,
        timeout = timeout,
        args = [
            "--hocket_corpus=$(rootpath :%s_schedules)" % name,
            "--hocket_inputs=$(rootpath :%s_corpus)" % name,
        ],
        data = [":%s_corpus" % name, ":%s_schedules" % name],
        tags = tags + ["fuzz-test"],
        visibility = visibility,
        deps = [":" + body, Label("//:testing_main")],
    )

    # What only fuzzing needs is built when it is asked for.
    common = {"testonly": True, "tags": ["manual"], "visibility": visibility}
    cc_binary(
        name = name + "_bin",
        srcs = [Label("//harness:fuzz_test/label.cc")],
        local_defines = [r'HOCKET_FUZZ_TEST_LABEL=\"//%s:%s\"' % (native.package_name(), name)],
        deps = [":" + body, Label("//:fuzz_main")],
        **common
    )
    _fuzz_corpus(name = name + "_corpus", srcs = corpus, first = "zero", **common)
    _fuzz_corpus(name = name + "_schedules", srcs = corpus, first = "placeholder", schedules = True, **common)
    if dicts:
        _fuzz_dict(name = name + "_dict", srcs = dicts, **common)
    _fuzz_options(name = name + "_options", content = _options_text(options), **common)
    package = {
        "fuzz_test": name,
        "binary": ":%s_bin" % name,
        "corpus": ":%s_corpus" % name,
        "dictionary": ":%s_dict" % name if dicts else None,
        "options": ":%s_options" % name,
    }
    package.update(common)
    _fuzz_launcher(name = name + "_run", **package)
    _oss_fuzz_package(name = name + "_oss_fuzz", **package)
