#include "answer.h"

int Answer() { return 42; }
