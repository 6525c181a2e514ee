"""rules_java for Bazel 4, whose Java rules are built in.

We build no Java; Bazel loads this to register its Java toolchains.
"""

java_binary = native.java_binary
java_import = native.java_import
java_library = native.java_library
java_runtime = native.java_runtime
java_toolchain = native.java_toolchain
