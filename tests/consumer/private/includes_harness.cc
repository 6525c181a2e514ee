#include "hocket/testing/schedule.h"
