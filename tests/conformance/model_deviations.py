"""The deviations of hocket from Trio, as changes to the reference model.

Each function makes one change to the model's module, with `monkeypatch(object, name, value)`. A trace that differs
from the model's is excused only if the model, so changed, gives it.
"""


def s32(model, monkeypatch):
    """S32: where Trio fails an assertion, go on normally.

    An operation finds itself cancelled, begins a checkpoint for that, and a shield that was put up meanwhile makes the
    checkpoint return. Trio asserts that it does not. Here the operation looks again and begins.
    """

    async def checkpoint_if_cancelled():
        while model.RUN.current.scope.eff:
            await model.checkpoint()

    monkeypatch(model, "checkpoint_if_cancelled", checkpoint_if_cancelled)
    monkeypatch(model.lowlevel, "checkpoint_if_cancelled", checkpoint_if_cancelled)


def s68(model, monkeypatch):
    """S68: a notification taken by a waiter that is cancelled passes to the next waiter.

    In Trio it is lost: the waiter has left the condition's queue for the lock's, and is cancelled there.
    """

    async def wait(self):
        self.held("wait")
        self.lock.release()
        task = model.RUN.current
        self.lot.q[task] = 1
        task.lot = self.lot

        def abort():
            del task.lot.q[task]
            if task.lot is self.lock.lot:
                self.lot.repark(self.lock.lot, 1)
            return True

        try:
            await model.Trap(abort)
        except BaseException:
            with model.CancelScope(shield=True):
                await self.lock.acquire()
            raise

    monkeypatch(model.Condition, "wait", wait)


DEVIATIONS = {"S32": s32, "S68": s68}


class Applied:
    """with Applied(model, ["S32"]): the model deviates."""

    def __init__(self, model, names):
        self.model, self.names, self.saved = model, names, []

    def __enter__(self):
        for name in self.names:
            DEVIATIONS[name](self.model, self._set)

    def __exit__(self, *_):
        while self.saved:
            setattr(*self.saved.pop())

    def _set(self, target, name, value):
        self.saved.append((target, name, getattr(target, name)))
        setattr(target, name, value)
