"""Opens reports in headless Chromium and writes what it finds as JSON: browser.py FOLDER FACTS.json

For every FOLDER/*.html: console errors, requests, the accessibility tree, walking by real key presses, how long the first
paint, steps and zooms take. Screenshots, light and dark, go to TEST_UNDECLARED_OUTPUTS_DIR, or to FOLDER. The browser is
`chromium` in PATH; without it, this fails.

Speaks the Chrome DevTools Protocol through --remote-debugging-pipe: messages that end with a zero byte.
"""

import base64
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile

TIMED = 15  # steps and zooms of each kind that are timed
LOADS = 3  # of a large page, to time its first paint
LARGE = 1_000_000  # bytes

# Roles that somebody can operate, or walk through: each needs a name.
CONTROLS = {"button", "slider", "textbox", "listbox", "option", "tree", "treeitem", "link", "toolbar", "dialog"}

# Presses a key and waits until the page has been painted with what it does; milliseconds.
TIME_KEYS = """
async (keys) => {
  const times = [];
  for (const key of keys) {
    const start = performance.now();
    document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
    await new Promise((done) => requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = done;
      channel.port2.postMessage(0);
    }));
    times.push(performance.now() - start);
  }
  return times;
}
"""

# How many colours each timeline shows, and the least contrast of a text with what is behind it (WCAG 2.1, 1.4.3).
LOOKS = """
(() => {
  const colours = [...document.querySelectorAll("canvas")].map((canvas) => {
    const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
  });
  const channel = (c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length < 4 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  let contrast = {value: 99, text: ""};
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "");
    if (!own || element.disabled || element.closest("script, noscript, dialog:not([open]), .hidden, [hidden], svg, .skip")) continue;
    const [a, b] = [luminance(parse(getComputedStyle(element).color)), luminance(behind(element))];
    const value = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (value < contrast.value) contrast = {value, text: element.textContent.slice(0, 60)};
  }
  const overflow = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  return {colours, contrast, overflow};
})()
"""


class Chromium:
    def __init__(self, profile):
        binary = shutil.which("chromium")
        if binary is None:
            sys.exit("there is no chromium in PATH: apt-get install chromium")
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()

        def hand_over():  # the browser reads from descriptor 3 and writes to 4
            os.dup2(to_browser, 30)
            os.dup2(from_browser, 31)
            os.dup2(30, 3)
            os.dup2(31, 4)

        self._process = subprocess.Popen(
            [binary, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
             "--no-first-run", "--remote-debugging-pipe", "--user-data-dir=" + profile, "about:blank"],
            preexec_fn=hand_over, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self._buffer = b""
        self._next_id = 0
        self.session = None
        self.events = []

    def _read(self):
        while b"\0" not in self._buffer:
            chunk = os.read(self._in, 1 << 20)
            if not chunk:
                sys.exit("chromium has ended")
            self._buffer += chunk
        message, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **params):
        self._next_id += 1
        message = {"id": self._next_id, "method": method, "params": params}
        if self.session is not None:
            message["sessionId"] = self.session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._next_id:
                if "error" in answer:
                    sys.exit("%s: %s" % (method, answer["error"]))
                return answer["result"]
            if "method" in answer:
                self.events.append(answer)

    def wait_for(self, method):
        while True:
            for index, event in enumerate(self.events):
                if event["method"] == method:
                    return self.events.pop(index)
            message = self._read()
            if "method" in message:
                self.events.append(message)

    def evaluate(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            sys.exit("%s: %s" % (expression, answer["exceptionDetails"]))
        return answer["result"].get("value")

    def new_page(self):
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            self.call(domain + ".enable")
        return target

    def close_page(self, target):
        self.session = None
        self.call("Target.closeTarget", targetId=target)

    def press(self, key):
        text = {"text": key} if len(key) == 1 else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key)

    def end(self):
        self._process.kill()
        self._process.wait()


def open_page(browser, path, width, height, scheme):
    target = browser.new_page()
    browser.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    browser.call("Page.navigate", url="file://" + path)
    browser.wait_for("Page.loadEventFired")
    return target


def first_paint(browser):
    """Until something is painted, and the timelines are drawn: milliseconds from the beginning of the navigation."""
    return browser.evaluate("""
        new Promise((done) => new PerformanceObserver((list) => done(Math.max(
            list.getEntries()[0].startTime, performance.getEntriesByName("hocket-drawn")[0]?.startTime ?? 1e9)))
            .observe({type: "paint", buffered: true}))""")


def screenshot(browser, folder, name):
    picture = browser.call("Page.captureScreenshot", format="png")["data"]
    with open(os.path.join(folder, name + ".png"), "wb") as file:
        file.write(base64.b64decode(picture))


def problems(browser):
    """What the page complained about, and what it asked the network for."""
    errors, requests = [], []
    for event in browser.events:
        params = event["params"]
        if event["method"] == "Runtime.exceptionThrown":
            errors.append(params["exceptionDetails"].get("exception", {}).get("description", "exception"))
        elif event["method"] == "Runtime.consoleAPICalled":
            errors.append("console.%s" % params["type"])
        elif event["method"] == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            errors.append(params["entry"]["text"])
        elif event["method"] == "Network.requestWillBeSent":
            requests.append(params["request"]["url"])
    browser.events.clear()
    return errors, requests


def accessibility(browser):
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    roles, nameless = {}, []
    for node in nodes:
        if node.get("ignored"):
            continue
        role = node.get("role", {}).get("value", "")
        name = node.get("name", {}).get("value", "")
        focusable = any(p["name"] == "focusable" and p["value"].get("value") for p in node.get("properties", []))
        roles[role] = roles.get(role, 0) + 1
        if role == "RootWebArea" or (role not in CONTROLS and not focusable):
            continue
        if not name.strip() or role in ("generic", "none", ""):
            nameless.append("%s '%s'" % (role, name))
    return {"roles": roles, "nameless": nameless}


def walk(browser):
    """Goes to the end and back with real key presses, and says what a screen reader would."""
    rows = browser.evaluate("hocket.view.rows")
    browser.press("Home")
    said = []
    for _ in range(min(rows, 40)):
        said.append(browser.evaluate("document.getElementById('said').textContent"))
        browser.press("ArrowRight")
    forth = browser.evaluate("hocket.view.current")
    for _ in range(3):
        browser.press("ArrowLeft")
    back = browser.evaluate("hocket.view.current")
    browser.press("End")
    end = browser.evaluate("hocket.view.current")
    details = browser.evaluate("document.getElementById('details').textContent")
    selected = browser.evaluate("document.querySelector('[aria-selected=true]')?.dataset.row ?? ''")
    browser.press("?")
    opened = browser.evaluate("document.getElementById('keys').open")
    dialog = accessibility(browser)
    browser.press("Escape")
    return {"dialog": dialog,
            "rows": rows, "said": said, "forth": forth, "back": back, "end": end, "details": details,
            "selected": selected, "keys_open": opened}


def look_at(browser, path, pictures):
    name = os.path.basename(path)[:-len(".html")]
    facts = {"bytes": os.path.getsize(path), "first_paint": []}
    for _ in range(LOADS if facts["bytes"] > LARGE else 1):
        if facts["first_paint"]:
            browser.close_page(target)
        browser.events.clear()
        target = open_page(browser, path, 1280, 1000, "light")
        facts["first_paint"].append(first_paint(browser))
    if facts["first_paint"][-1] >= 1e9:
        sys.exit("%s has not been drawn: %s" % (path, problems(browser)))
    facts["pwned"] = browser.evaluate("window.pwned === 1")
    facts["text"] = browser.evaluate("document.body.innerText")
    facts["light"] = browser.evaluate(LOOKS)
    screenshot(browser, pictures, name + "_light")
    facts["accessibility"] = accessibility(browser)
    facts["walk"] = walk(browser)
    for kind, keys in (("step", ["ArrowRight", "PageDown", "ArrowLeft"]), ("zoom", ["0", "+", "+", "-", "."])):
        facts[kind] = browser.evaluate("(%s)(%s)" % (TIME_KEYS, json.dumps((keys * TIMED)[:TIMED])))
    browser.evaluate("hocket.zoom(0)")
    facts["fit"] = browser.evaluate("(%s)(%s)" % (TIME_KEYS, json.dumps((["ArrowLeft", "ArrowRight"] * TIMED)[:TIMED])))
    facts["difference"] = browser.evaluate("hocket.view.difference")
    facts["errors"], facts["requests"] = problems(browser)
    browser.close_page(target)
    target = open_page(browser, path, 1280, 1000, "dark")
    facts["dark"] = browser.evaluate(LOOKS)
    screenshot(browser, pictures, name + "_dark")
    browser.close_page(target)
    target = open_page(browser, path, 400, 900, "light")
    facts["narrow"] = browser.evaluate(LOOKS)
    screenshot(browser, pictures, name + "_narrow")
    browser.close_page(target)
    return facts


def main():
    folder, out = sys.argv[1:]
    pictures = os.environ.get("TEST_UNDECLARED_OUTPUTS_DIR", folder)
    with tempfile.TemporaryDirectory() as profile:
        os.environ["HOME"] = profile
        browser = Chromium(profile)
        try:
            pages = sorted(glob.glob(os.path.join(os.path.abspath(folder), "*.html")))
            facts = {os.path.basename(page)[:-len(".html")]: look_at(browser, page, pictures) for page in pages}
        finally:
            browser.end()
    with open(out, "w", encoding="utf-8") as file:
        json.dump(facts, file, indent=1)


if __name__ == "__main__":
    main()
