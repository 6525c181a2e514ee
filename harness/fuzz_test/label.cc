// Part of the engine's binary of each cc_fuzz_test, which compiles it with the label of the GoogleTest binary: that one
// replays, so replay lines name it. They take it from the variable in which Bazel gives a test its label.
#include <cstdlib>

[[maybe_unused]] static const int kLabelIsSet = setenv("TEST_TARGET", HOCKET_FUZZ_TEST_LABEL, /*overwrite=*/0);
