"""JavaScript to be run before the page, with which a browser can be made to misbehave."""

from __future__ import annotations

#: ``devices``: all that were made, in their order.
KEEP_DEVICES = (
    "window.devices = [];"
    "const ask = GPUAdapter.prototype.requestDevice;"
    "GPUAdapter.prototype.requestDevice = async function (...a) {"
    "  const device = await ask.apply(this, a); devices.push(device); return device; };"
)
#: Between ``hold()`` and ``letGo()`` whoever awaits ``passed()`` is among those ``waiting``.
GATE = (
    "let open, gate = null; window.waiting = 0;"
    "window.hold = () => { waiting = 0; gate = new Promise((go) => (open = go)); };"
    "window.letGo = () => { gate = null; open(); };"
    "const passed = async () => { if (gate !== null) { waiting++; await gate; } };"
)
#: With the end of the GPU's work behind the gate.
HOLD_WORK = GATE + (
    "const wait = GPUQueue.prototype.onSubmittedWorkDone;"
    "GPUQueue.prototype.onSubmittedWorkDone = async function () {"
    "  await wait.call(this); await passed(); };"
)
#: Programs are refused until ``refusing`` is made false.
REFUSE_PROGRAMS = (
    "window.refusing = true;"
    "const make = GPUDevice.prototype.createComputePipelineAsync;"
    "GPUDevice.prototype.createComputePipelineAsync = function (...a) {"
    "  const error = new Error('the program is too long for this GPU');"
    "  return refusing ? Promise.reject(error) : make.apply(this, a); };"
)
