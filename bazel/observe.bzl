"""How the runtime and the harness are compiled by --config=observe: see observe/own_code.inc."""

_OWN_CODE = Label("//observe:own_code.inc")

OBSERVE_COPTS = select({
    "//observe:on": [
        "-fsanitize=thread",
        "-fsanitize-ignorelist=%s%s/%s" % (
            _OWN_CODE.workspace_root + "/" if _OWN_CODE.workspace_root else "",
            _OWN_CODE.package,
            _OWN_CODE.name,
        ),
    ],
    "//conditions:default": [],
})
