"""gdb commands for programs that run on hocket.

    (gdb) source tools/gdb/hocket.py
    (gdb) hocket tasks

prints the task tree of each thread that is inside a run: who is in whose nursery, in which cancel scopes, what each
task waits for, and where. docs/debugging.md shows a session.

The tree is read from the memory of the process, so that it changes nothing and works with core files as well. That
needs debug information of the runtime (bazel build --config=dbg, or -g). Without it, the selected thread is made to
call a function of the runtime, which writes the same tree, and knows more: why a scope was cancelled, which tasks wait
for each other in a circle, and who holds what is waited for in a CapacityLimiter or a Condition.

    (gdb) hocket tasks --memory    reads memory, or says why it cannot
    (gdb) hocket tasks --call      calls the function, in the selected thread alone

A call needs a live process, and takes memory there: a thread that was stopped inside malloc may hang in it. Control-C
ends that.
"""

import re

import gdb

# What each class of awaiter calls its operation; tests/debugging compares this with the headers. A Park has the name
# that it was given.
OPERATIONS = {
    "ConditionAwaiter": "Condition.Wait",
    "EventAwaiter": "Event.Wait",
    "LeaveAwaiter": "Leave",
    "LimiterAwaiter": "CapacityLimiter.Acquire",
    "LockAwaiter": "Lock.Acquire",
    "LotAwaiter": "ParkingLot.Park",
    "NurseryExitAwaiter": "Nursery.Exit",
    "ReceiveAwaiter": "Channel.Receive",
    "ResolveAwaiter": "Resolve",
    "SemaphoreAwaiter": "Semaphore.Acquire",
    "SendAwaiter": "Channel.Send",
    "SettleAwaiter": "Settle",
    "SleepAwaiter": "Sleep",
}

FOREVER = 2**63 - 1  # nanoseconds
MAX_LISTED = 8  # tasks in one line
MAX_TASKS = 100000  # more are a table that is damaged


class NoDebugInformation(Exception):
    """The layout of the runtime's state is not known."""


def class_of(pointer):
    """Of the object that it points to, without namespaces and template arguments: "LockAwaiter".

    By the name of its table of virtual functions: gdb finds no types that are made of lambdas.
    """
    table = pointer.cast(gdb.lookup_type("unsigned long").pointer()).dereference()
    symbol = gdb.execute("info symbol %d" % int(table), to_string=True)
    found = re.match(r"vtable for (?:\w+::)*(\w+)", symbol)
    return found.group(1) if found else "?"


def as_class(pointer, name):
    return pointer.cast(gdb.lookup_type("hocket::internal::" + name).pointer()).dereference()


def text_member(pointer, name, member):
    """A member that is a string, read where it lies: gdb would look for the types of the whole object, and warn."""
    for field in gdb.lookup_type("hocket::internal::" + name).fields():
        if field.name == member:
            text = gdb.lookup_type("char").pointer()
            return (pointer.cast(text) + field.bitpos // 8).cast(text.pointer()).dereference().string()
    raise NoDebugInformation


def tasks_of(scheduler):
    """The tasks of a run, in spawn order: what is not empty in a std::vector."""
    vector = scheduler["alternatives_"]["_M_impl"]
    slot = vector["_M_start"]
    tasks = []
    while slot != vector["_M_finish"] and len(tasks) < MAX_TASKS:
        if int(slot.dereference()):
            tasks.append(slot.dereference())
        slot += 1
    return sorted(tasks, key=lambda task: int(task["spawn_number"]))


def nanoseconds(time):
    """Of a std::chrono::time_point."""
    return int(time["__d"]["__r"])


def format_duration(count):
    for unit, size in (("s", 10**9), ("ms", 10**6), ("us", 10**3)):
        if count >= size:
            tenths = count % size // (size // 10)
            return "%d%s%s" % (count // size, ".%d" % tenths if tenths else "", unit)
    return "%dns" % count


def place_of(location):
    """(file, line) of a std::source_location; none if it says nothing."""
    implementation = location["_M_impl"]
    if int(implementation) == 0:
        return None
    line = int(implementation["_M_line"])
    return (implementation["_M_file_name"].string(), line) if line else None


class Task:
    """A task as it stands in memory: hocket::internal::TaskState."""

    def __init__(self, pointer, running):
        self.pointer = pointer
        self.number = int(pointer["spawn_number"])
        self.waiting = pointer["waiting"]
        self.running = running
        self.ready = not str(pointer["readiness"]).endswith("kNone")

    def path(self):
        line = []
        task = self.pointer
        while int(task):
            line.append(task)
            task = task["spawner"]
        path = ""
        for task in reversed(line):
            if int(task["spawn_number"]) == 0:
                path = "main"
                continue
            path += ("" if path else "#%d" % int(task["spawn_number"])) + "/"
            if int(task["name"]):
                path += task["name"].string() + "."
            path += str(int(task["path_index"]))
        return path

    def operation(self):
        if not int(self.waiting):
            return "start"
        name = class_of(self.waiting)
        if name == "CheckpointAwaiter":
            return "Cancelled" if as_class(self.waiting, name)["delivering_"] else "Checkpoint"
        if name == "ParkAwaiter":
            return text_member(self.waiting, "ParkAwaiterBase", "operation_")
        return OPERATIONS.get(name, name)

    def places(self):
        """The co_awaits that it is in, innermost first, without those of the library unless there are no others."""
        if self.running and not int(self.waiting):
            return []  # its frames are moving
        places = []
        frame = self.pointer["leaf"]
        while int(frame):
            places.append(place_of(frame["location"]))
            frame = frame["parent"]
        own = [place for place in places if place and "include/hocket/" not in place[0]]
        return own or [place for place in places[:1] if place]

    def holders(self, tasks):
        """The spawn numbers of those that can end its wait, where that is easily told."""
        if self.running or self.ready or not int(self.waiting):
            return []
        name = class_of(self.waiting)
        if name == "NurseryExitAwaiter":
            nursery = int(as_class(self.waiting, name)["nursery_"])
            return [task.number for task in tasks if int(task.pointer["nursery"]) == nursery]
        if name == "LockAwaiter":
            owner = as_class(self.waiting, name)["lock_"]["owner_"]["state_"]
            return [int(owner["spawn_number"])] if int(owner) else []
        return []

    def scopes(self):
        """Those that it has entered, outermost first."""
        around = self.pointer["nursery"]
        scopes = []
        scope = self.pointer["scope"]
        while int(scope) and int(scope) != int(around) and int(scope["parent_"]):
            scopes.append(scope)
            scope = scope["parent_"]
        return list(reversed(scopes))


def is_nursery(scope):
    return class_of(scope) == "NurseryState"


class Tree:
    """The task tree of one run, from its hocket::internal::Scheduler."""

    def __init__(self, scheduler):
        self.lines = []
        current = scheduler["current_task_"]
        self.tasks = [Task(task, task == current) for task in tasks_of(scheduler)]
        self.paths = {task.number: task.path() for task in self.tasks}
        virtual = str(scheduler["options_"]["clock"]).endswith("kVirtual")
        self.now = nanoseconds(scheduler["now_"]) if virtual else None
        owners = {int(task.pointer) for task in self.tasks}
        for task in self.tasks:
            nursery = task.pointer["nursery"]
            if not int(nursery) or int(nursery["owner_"]) not in owners:
                self.add_task(task, 0)

    def add(self, indent, line):
        self.lines.append(" " * indent + line)

    def name(self, number):
        return self.paths.get(number, "task %d" % number)

    def add_task(self, task, indent):
        if task.running:
            line = " is running"
        else:
            line = (" is ready at " if task.ready else " waits in ") + task.operation()
        holders = task.holders(self.tasks)
        if holders:
            line += " for " + ", ".join(self.name(number) for number in holders[:MAX_LISTED])
        if len(holders) > MAX_LISTED:
            line += " and %d more" % (len(holders) - MAX_LISTED)
        if task.pointer["scope"]["effective_"]:
            line += ", cancelled"
        self.add(indent, task.path() + line)
        for file, number in task.places():
            self.add(indent + 2, "%s:%d" % (file, number))
        for scope in task.scopes():
            self.add_scope(scope, indent + 2)

    def add_scope(self, scope, indent):
        nursery = is_nursery(scope)
        line = "in a nursery" if nursery else "in a cancel scope"
        if scope["called_"]:
            line += ", cancelled"
        if scope["shield_"]:
            line += ", shielded"
        deadline = nanoseconds(scope["deadline_"])
        if deadline != FOREVER:
            if self.now is None:
                line += ", with a deadline"
            elif deadline > self.now:
                line += ", deadline in " + format_duration(deadline - self.now)
            else:
                line += ", past its deadline"
        children = [task for task in self.tasks if nursery and int(task.pointer["nursery"]) == int(scope)]
        self.add(indent, line + (":" if children else ""))
        for child in children:
            self.add_task(child, indent + 2)


def evaluate(expression):
    """In C++, whatever the selected frame is written in."""
    language = gdb.parameter("language")
    gdb.execute("set language c++", to_string=True)
    try:
        return gdb.parse_and_eval(expression)
    finally:
        gdb.execute("set language " + language, to_string=True)


def current_scheduler():
    """That of the selected thread; none if it is in no run."""
    try:
        scheduler = evaluate("hocket::internal::Scheduler::current_scheduler_")
        gdb.lookup_type("hocket::internal::TaskState").fields()
        return scheduler if int(scheduler) else None
    except gdb.error as error:
        raise NoDebugInformation(str(error)) from error


def from_memory():
    """The tree of the selected thread; none if it is in no run."""
    scheduler = current_scheduler()
    return None if scheduler is None else "\n".join(Tree(scheduler.dereference()).lines)


def by_call():
    """The same, written by the process itself."""
    tree = evaluate("((const char* (*)()) hocket_task_tree)()").string().rstrip("\n")
    return None if tree.startswith("no run is under way") else tree


class Hocket(gdb.Command):
    """Commands for programs that run on hocket."""

    def __init__(self):
        super().__init__("hocket", gdb.COMMAND_DATA, prefix=True)


class Tasks(gdb.Command):
    """Prints the task trees of the runs under way: hocket tasks [--memory | --call]."""

    def __init__(self):
        super().__init__("hocket tasks", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        if argument not in ("", "--memory", "--call"):
            raise gdb.GdbError("hocket tasks: expected --memory, --call or nothing, found '%s'" % argument)
        try:
            trees = self.of_this_thread(by_call) if argument == "--call" else self.of_all_threads()
        except NoDebugInformation as error:
            if argument == "--memory":
                raise gdb.GdbError("hocket tasks: no debug information of the runtime: %s" % error)
            trees = self.of_this_thread(by_call)
        if not trees:
            print("no thread is inside a run")
        for heading, tree in trees:
            if len(trees) > 1:
                print(heading)
            print(tree)

    @staticmethod
    def of_this_thread(tree_of):
        tree = tree_of()
        return [] if tree is None else [("this thread", tree)]

    @staticmethod
    def of_all_threads():
        selected = gdb.selected_thread()
        if selected is None:
            raise gdb.GdbError("hocket tasks: there is no process")
        frame = gdb.selected_frame()
        trees = []
        try:
            for thread in sorted(gdb.selected_inferior().threads(), key=lambda thread: thread.num):
                thread.switch()
                tree = from_memory()
                if tree is not None:
                    trees.append(("thread %d:" % thread.num, tree))
        finally:
            selected.switch()
            frame.select()
        return trees


Hocket()
Tasks()
