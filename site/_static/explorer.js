// The explorer's page: sliders in, curve and text out. What is computed is in explorer_plan.js and
// explorer_rules.js.
"use strict";

(() => {
  const BOOK = globalThis.LRSCHED_BOOK;
  const id = (name) => document.getElementById(`lrx-${name}`);
  const form = document.getElementById("lrx");
  const WIDTH = 1000, HEIGHT = 300; // of the curve's viewBox, which is stretched to fit

  // Round numbers, in equal parts of a decade; a link may hold any other.
  const DECADE = [1, 1.5, 2, 3, 5, 7];
  const PEAKS = [-5, -4, -3, -2, -1, 0]
    .flatMap((power) => DECADE.map((digit) => Number(`${digit}e${power}`))).concat(10);
  const FINALS = [0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1];
  const STEPS = { peak: PEAKS, final: FINALS };
  const SLIDERS = ["peak", "final", "run", "plan", "warmup", "cooldown", "cycles"];
  const RANGES = { run: [10, 1000, 5], plan: [10, 1000, 5], cycles: [1, 5, 1] };

  let settings = LRX.defaults();
  let waiting = null; // for the address, which a browser lets nobody write at every movement

  function nearest(values, value) {
    const away = values.map((each) => Math.abs(each - value));
    return away.indexOf(Math.min(...away));
  }

  function element(name, text, attributes = {}) {
    const made = document.createElement(name);
    made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  }

  // --- what is drawn -----------------------------------------------------------------------------

  function curve(rates, highest) {
    const x = (step) => ((step / rates.length) * WIDTH).toFixed(2);
    const y = (rate) => (HEIGHT - (rate / highest) * (HEIGHT - 8)).toFixed(2);
    const stairs = rates.map((rate, step) => `V${y(rate)}H${x(step + 1)}`); // each update has one
    return `M0,${y(rates[0])}${stairs.join("")}`;
  }

  function mark(step, kind) {
    const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
    const at = `${(step / settings.run) * WIDTH}`;
    const places = { x1: at, x2: at, y1: "0", y2: `${HEIGHT}`, class: kind };
    for (const [key, value] of Object.entries(places)) line.setAttribute(key, value);
    return line;
  }

  function drawCurve(rates, findings) {
    const highest = Math.max(settings.peak, ...rates), last = rates.length - 1;
    const least = Math.min(...rates), top = Math.max(...rates);
    id("path").setAttribute("d", curve(rates, highest));
    const marks = findings.map((finding) => mark(finding.step, "lrx-found"));
    const cut = settings.plan < settings.run;
    if (cut) marks.push(mark(settings.plan, "lrx-end"));
    id("marks").replaceChildren(...marks);
    id("top").textContent = LRX.short(highest);
    id("last").textContent = `update ${LRX.counted(last)}`;
    id("planned").textContent = cut ? `planned end: ${LRX.counted(settings.plan)}` : "";
    id("caption").textContent =
      `Learning rate of each update: ${LRX.short(rates[0])} at update 0, ${LRX.short(top)} at most `
      + `(update ${LRX.counted(rates.indexOf(top))}), ${LRX.short(least)} at least, `
      + `${LRX.short(rates[last])} at update ${LRX.counted(last)}.`;
    const sum = rates.reduce((a, b) => a + b, 0);
    id("sum").replaceChildren(
      "Sum of the rates: ", element("b", LRX.significant(sum, 4)),
      `, as much as ${LRX.significant(sum / settings.peak, 4)} updates at the peak.`);
  }

  function drawFindings(findings) {
    if (!findings.length) {
      id("findings").replaceChildren(element("p", "Nothing wrong was found."));
      return;
    }
    const items = findings.map((finding) => {
      const item = element("li", "");
      item.append(
        element("b", `${finding.severity} at update ${LRX.counted(finding.step)}: `),
        element("a", finding.code, { href: `${finding.chapter}.html` }),
        element("br", ""), finding.consequence, element("br", ""), finding.remedy);
      return item;
    });
    const list = element("ul", "");
    list.append(...items);
    id("findings").replaceChildren(list);
  }

  function drawSettings() {
    const most = LRX.most(settings), idle = LRX.idle(settings.shape);
    id("warmup").max = most.warmup;
    id("cooldown").max = most.cooldown;
    for (const name of SLIDERS) {
      const slider = id(name), value = settings[name];
      slider.value = STEPS[name] ? nearest(STEPS[name], value) : value;
      slider.disabled = idle.includes(name);
      const unused = slider.disabled ? "not used by this shape" : LRX.counted(value);
      slider.setAttribute("aria-valuetext", unused);
      slider.nextElementSibling.textContent = unused;
    }
    for (const name of ["shape", "start"]) id(name).value = settings[name];
    id("start").disabled = settings.warmup === 0;
    const shape = BOOK.shapes.find((each) => each.name === settings.shape);
    id("shape").nextElementSibling.textContent = shape.purpose;
    const { cycles, every } = LRX.layout(settings);
    if (cycles > 1) id("cycles").nextElementSibling.textContent = `${cycles} of ${every} updates`;
    if (settings.cooldown === 0 && !idle.includes("cooldown")) {
      id("cooldown").nextElementSibling.textContent = "0: after the warmup, to the end";
    }
  }

  function draw() {
    const rates = LRX.rates(settings), findings = LRX.diagnose(settings);
    drawSettings();
    drawCurve(rates, findings);
    drawFindings(findings);
    id("python").textContent = LRX.inPython(settings);
    id("torch").textContent = LRX.inTorch(settings);
    for (const each of form.querySelectorAll(".lrx-lr")) each.textContent = `${settings.peak}`;
    id("link").href = LRX.write(settings);
    id("copied").textContent = "";
  }

  // --- what is done ------------------------------------------------------------------------------

  function complain(complaints) {
    id("complaint").hidden = complaints.length === 0;
    const items = complaints.map((text) => element("li", text));
    const list = element("ul", "");
    list.append(...items);
    id("complaint").replaceChildren(
      "The link was not understood in full; what follows was left out or changed:", list);
  }

  // The address may also name a heading of this page, which is no setting.
  function isSetting(hash) {
    if (hash.length < 2) return false;
    return hash.includes("=") || document.getElementById(hash.slice(1)) === null;
  }

  function follow() {
    if (!isSetting(location.hash)) return false;
    clearTimeout(waiting);
    const { settings: found, complaints } = LRX.read(location.hash);
    settings = found;
    complain(complaints);
    draw();
    return true;
  }

  function change(name, value) {
    settings = LRX.settle({ ...settings, [name]: value });
    complain([]);
    draw();
    clearTimeout(waiting);
    waiting = setTimeout(() => history.replaceState(null, "", LRX.write(settings)), 300);
  }

  async function copy(button) {
    const source = document.getElementById(button.dataset.copies);
    const text = source.href || source.textContent;
    try {
      await navigator.clipboard.writeText(text);
      id("copied").textContent = "Copied.";
    } catch { // no leave, or no clipboard: let the reader's own keys do it
      getSelection().selectAllChildren(source);
      id("copied").textContent = "It is selected: copy it with Ctrl+C or ⌘C.";
    }
  }

  for (const shape of BOOK.shapes)
    id("shape").append(element("option", shape.label, { value: shape.name }));
  for (const name of SLIDERS) {
    const steps = STEPS[name];
    const [low, high, by] = steps ? [0, steps.length - 1, 1] : RANGES[name] || [0, 1000, 1];
    Object.assign(id(name), { min: low, max: high, step: by });
    id(name).addEventListener("input", () => {
      const value = Number(id(name).value);
      change(name, steps ? steps[value] : value);
    });
  }
  for (const name of ["shape", "start"])
    id(name).addEventListener("change", () => change(name, id(name).value));
  for (const button of form.querySelectorAll("button"))
    button.addEventListener("click", () => copy(button));
  for (const link of document.querySelectorAll(".lrx-stories a"))
    link.addEventListener("click", () => form.scrollIntoView()); // no heading has such a name
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", follow);
  form.hidden = false;
  if (!follow()) draw();
})();
