#pragma once

#include "hocket/hocket.h"

// Takes its time, and may be cancelled meanwhile.
hocket::Task<int> Answer();
