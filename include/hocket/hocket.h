// The whole runtime: structured concurrency for C++20. Each header says what its noun is, what cannot happen, and shows
// an example.
#ifndef HOCKET_HOCKET_H_
#define HOCKET_HOCKET_H_

#include "hocket/access.h"              // IWYU pragma: export
#include "hocket/assert_checkpoints.h"  // IWYU pragma: export
#include "hocket/cancel_reason.h"       // IWYU pragma: export
#include "hocket/cancel_scope.h"        // IWYU pragma: export
#include "hocket/capacity_limiter.h"    // IWYU pragma: export
#include "hocket/capture.h"             // IWYU pragma: export
#include "hocket/channel.h"             // IWYU pragma: export
#include "hocket/check.h"               // IWYU pragma: export
#include "hocket/checkpoint.h"          // IWYU pragma: export
#include "hocket/chooser.h"             // IWYU pragma: export
#include "hocket/condition.h"           // IWYU pragma: export
#include "hocket/draw.h"                // IWYU pragma: export
#include "hocket/errors.h"              // IWYU pragma: export
#include "hocket/event.h"               // IWYU pragma: export
#include "hocket/except.h"              // IWYU pragma: export
#include "hocket/exception_group.h"     // IWYU pragma: export
#include "hocket/failure.h"             // IWYU pragma: export
#include "hocket/generator.h"           // IWYU pragma: export
#include "hocket/instruments.h"         // IWYU pragma: export
#include "hocket/left_behind.h"         // IWYU pragma: export
#include "hocket/local.h"               // IWYU pragma: export
#include "hocket/lock.h"                // IWYU pragma: export
#include "hocket/nursery.h"             // IWYU pragma: export
#include "hocket/observer.h"            // IWYU pragma: export
#include "hocket/outcome.h"             // IWYU pragma: export
#include "hocket/park.h"                // IWYU pragma: export
#include "hocket/parking_lot.h"         // IWYU pragma: export
#include "hocket/poster.h"              // IWYU pragma: export
#include "hocket/run.h"                 // IWYU pragma: export
#include "hocket/semaphore.h"           // IWYU pragma: export
#include "hocket/sequencer.h"           // IWYU pragma: export
#include "hocket/settle.h"              // IWYU pragma: export
#include "hocket/shared.h"              // IWYU pragma: export
#include "hocket/sleep.h"               // IWYU pragma: export
#include "hocket/system_task.h"         // IWYU pragma: export
#include "hocket/task.h"                // IWYU pragma: export
#include "hocket/task_ref.h"            // IWYU pragma: export
#include "hocket/task_snapshot.h"       // IWYU pragma: export
#include "hocket/task_tree.h"           // IWYU pragma: export
#include "hocket/time.h"                // IWYU pragma: export
#include "hocket/tree_on_signal.h"      // IWYU pragma: export
#include "hocket/wait_graph.h"          // IWYU pragma: export
#include "hocket/watchdog.h"            // IWYU pragma: export

#endif  // HOCKET_HOCKET_H_
