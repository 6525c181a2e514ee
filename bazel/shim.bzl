"""A repository whose content is a folder of this one.

`local_repository` resolves its path in the workspace that is being built, so it cannot find our
folders when hocket is somebody's dependency; a Label can.
"""

def _shim_repository_impl(ctx):
    folder = ctx.path(Label("//:WORKSPACE")).dirname
    for part in ctx.attr.folder.split("/"):
        folder = folder.get_child(part)
    for entry in folder.readdir():
        ctx.symlink(entry, entry.basename)

shim_repository = repository_rule(
    implementation = _shim_repository_impl,
    attrs = {"folder": attr.string(mandatory = True)},
    local = True,
)
