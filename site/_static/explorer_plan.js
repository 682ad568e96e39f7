// The explorer's plan: settings, the rates they make, and the lines that say the same in Python.
// The formulas are those of lrsched_book.schedules, operation by operation; tests/test_explorer.py
// compares them. No module and no fetch: a page that was opened from a disk has neither.
"use strict";

globalThis.LRX = (() => {
  const BOOK = globalThis.LRSCHED_BOOK;
  const FRACTION = "a number from 0 to 1";
  const UPDATES = "a whole number from 10 to 1000";
  const whole = (low, high) => (text) =>
    /^\d{1,4}$/.test(text) && Number(text) >= low && Number(text) <= high ? Number(text) : null;
  const real = (low, high) => (text) =>
    /^\d*\.?\d+(e-?\d+)?$/i.test(text) && Number(text) >= low && Number(text) <= high
      ? Number(text) : null;
  const oneOf = (values) => (text) => (values.includes(text) ? text : null);
  const NAMES = BOOK.shapes.map((shape) => shape.name);

  // What may be set: the value at first, how a link's text is read, and what is allowed in words.
  const SETTINGS = {
    shape: { first: "cosine", read: oneOf(NAMES), allowed: `one of ${NAMES.join(", ")}` },
    peak: { first: 0.1, read: real(1e-5, 10), allowed: "a number from 0.00001 to 10" },
    final: { first: 0, read: real(0, 1), allowed: FRACTION },
    run: { first: 100, read: whole(10, 1000), allowed: UPDATES },
    plan: { first: 100, read: whole(10, 1000), allowed: UPDATES },
    warmup: { first: 10, read: whole(0, 1000), allowed: "a whole number from 0 to 1000" },
    start: { first: "above", read: oneOf(["above", "zero"]), allowed: "above or zero" },
    cooldown: { first: 0, read: whole(0, 1000), allowed: "a whole number from 0 to 1000" },
    cycles: { first: 1, read: whole(1, 5), allowed: "a whole number from 1 to 5" },
  };

  function defaults() {
    return Object.fromEntries(Object.entries(SETTINGS).map(([name, known]) => [name, known.first]));
  }

  // A setting as a link has it. What is not understood is named, and the first value taken.
  function read(hash) {
    const settings = defaults(), complaints = [];
    for (const piece of hash.replace(/^#/, "").split("&").filter(Boolean)) {
      const [name, text] = [piece.split("=")[0], piece.split("=").slice(1).join("=")];
      const known = Object.keys(SETTINGS).includes(name) ? SETTINGS[name] : null;
      if (known === null) {
        complaints.push(`${piece}: allowed are ${Object.keys(SETTINGS).join(", ")}`);
        continue;
      }
      const value = known.read(text);
      if (value === null) complaints.push(`${piece}: ${name} must be ${known.allowed}`);
      else settings[name] = value;
    }
    const settled = settle(settings);
    for (const name of ["warmup", "cooldown"])
      if (settled[name] !== settings[name])
        complaints.push(`${name}=${settings[name]}: ${name} is ${settled[name]} at `
          + `plan=${settled.plan} and cycles=${settled.cycles}`);
    return { settings: settled, complaints };
  }

  function write(settings) {
    return "#" + Object.keys(SETTINGS).map((name) => `${name}=${settings[name]}`).join("&");
  }

  // Each cycle of the decay has two updates at least; warmup and cooldown leave room for them.
  function most(settings) {
    const least = 2 * settings.cycles;
    const warmup = settings.plan - least;
    return { warmup, cooldown: settings.plan - Math.min(settings.warmup, warmup), least };
  }

  function settle(settings) {
    const { warmup, cooldown, least } = most(settings);
    const settled = { ...settings, warmup: Math.min(settings.warmup, warmup) };
    if (settings.cooldown > 0)
      settled.cooldown = Math.min(Math.max(settings.cooldown, least), cooldown);
    return settled;
  }

  // Which settings a shape does not have.
  function idle(shape) {
    if (shape === "constant") return ["final", "cooldown", "cycles"];
    if (shape === "CosineAnnealingLR") return ["cycles"];
    return shape.startsWith("inverse") ? ["final"] : [];
  }

  // The phases of a plan: warmup, stable, and a decay that is made up of cycles.
  function layout(settings) {
    const without = idle(settings.shape);
    const { warmup, run, plan, shape } = settings;
    const cycles = without.includes("cycles") ? 1 : settings.cycles;
    const cooldown = without.includes("cooldown") ? 0 : settings.cooldown;
    // Cycles of as many updates each; what is left over, fewer than the cycles, goes to the peak.
    const every = Math.floor((cooldown || plan - warmup) / cycles);
    const decay = cycles * every;
    const stable = plan - warmup - decay;
    const left = run - warmup - stable; // what the decay gets of the run
    // Torch's cosine is a wave that goes on for as long as it is asked.
    const climbs = shape === "CosineAnnealingLR" && left - 1 > decay;
    let gaps = every - 1;
    if (shape === "CosineAnnealingLR") gaps = climbs ? left - 1 : decay;
    return {
      ...settings, cycles, decay, stable, gaps, every,
      waves: climbs ? (left - 1) / (2 * decay) : 0.5, climbs,
      final: without.includes("final") ? 0 : settings.final,
      stair: every / 3,
      gamma: shape === "exponential" ? shrink(settings.final, every) : 0.1,
      timescale: Math.max(1, Math.round(every / 10)),
    };
  }

  // An exponential comes down to its floor, or to a thousandth, with the last update.
  function shrink(final, updates) {
    return Number((Math.max(final, 1e-3) ** (1 / (updates - 1))).toPrecision(6));
  }

  const between = (initial, final, share) => initial * (1 - share) + final * share;

  // The factor of each shape at step t of its own time; p is the share of the decay that is done.
  const CURVES = {
    constant: () => 1,
    linear: (plan, t, p) => between(1, plan.final, p),
    polynomial: (plan, t, p) => between(plan.final, 1, (1 - p) ** 2),
    cosine: (plan, t, p) =>
      between(plan.final, 1, (1 + Math.cos(2 * Math.PI * plan.waves * p)) / 2),
    one_minus_sqrt: (plan, t, p) => between(1, plan.final, Math.sqrt(p)),
    rex: (plan, t, p) => between(plan.final, 1, (1 - p) / (1 - p / 2)),
    step: (plan, t) => Math.max(0.1 ** Math.floor(t / plan.stair), plan.final),
    exponential: (plan, t) => Math.max(plan.gamma ** t, plan.final),
    inverse_sqrt: (plan, t) => (1 + t / plan.timescale) ** -0.5,
    inverse_time: (plan, t) => 1 / (1 + t / plan.timescale),
  };
  CURVES.CosineAnnealingLR = CURVES.cosine;

  function factor(plan, step) {
    let t = step;
    if (t < plan.warmup)
      return plan.start === "zero" ? t / plan.warmup : Math.min((t + 1) / plan.warmup, 1);
    t -= plan.warmup;
    if (t < plan.stable) return 1;
    t -= plan.stable;
    if (plan.cycles > 1) t -= Math.floor(t / plan.every) * plan.every;
    return CURVES[plan.shape](plan, t, Math.min(t / plan.gaps, 1));
  }

  function rates(settings) {
    const plan = layout(settings);
    return Array.from({ length: plan.run }, (_, step) => plan.peak * factor(plan, step));
  }

  // --- the lines to copy -------------------------------------------------------------------------

  // A third as Python says it: a fraction stays one, so that nothing is rounded.
  const third = (updates) => (updates % 3 === 0 ? `${updates / 3}` : `${updates} / 3`);

  function call(name, ...given) {
    return `lb.${name}(${given.filter(Boolean).join(", ")})`;
  }

  function decayInPython(plan) {
    const steps = `${plan.every}`;
    const final = plan.final ? `final=${plan.final}` : "";
    const floor = plan.final ? `floor=${plan.final}` : "";
    switch (plan.shape) {
      case "constant": return call("constant");
      case "polynomial": return call("polynomial", steps, "power=2", final);
      case "step": return call("step", third(plan.every), "gamma=0.1", floor);
      case "exponential": return call("exponential", `${plan.gamma}`, floor);
      case "inverse_sqrt":
      case "inverse_time": return call(plan.shape, `${plan.timescale}`);
      case "CosineAnnealingLR":
        if (!plan.climbs) return call("cosine", `gaps=${plan.decay}`, final);
        return call("cosine", `gaps=${plan.gaps}`, final, `waves=${plan.gaps} / ${2 * plan.decay}`);
    }
    return call(plan.shape, steps, final);
  }

  function inPython(settings) {
    const plan = layout(settings);
    let decay = decayInPython(plan);
    if (plan.cycles > 1) decay += `.repeat(${plan.every})`;
    const zero = plan.start === "zero" && plan.warmup > 0;
    if (plan.stable > 0) decay = call("wsd", `${zero ? 0 : plan.warmup}`, `${plan.stable}`, decay);
    if (zero) decay += `.with_warmup(gaps=${plan.warmup})`;
    else if (plan.warmup > 0 && plan.stable === 0) decay += `.with_warmup(${plan.warmup})`;
    return `scheduler = lb.attach(optimizer, ${decay})`;
  }

  // Torch's class of each phase, [name, arguments]; null where it has none that does the same.
  function classes(plan) {
    const phases = [];
    if (plan.warmup > 0) {
      if (plan.start === "zero") return null; // LinearLR refuses to start at 0
      phases.push(plan.warmup === 1 ? ["ConstantLR", "1.0"]
        : ["LinearLR", `1 / ${plan.warmup}, total_iters=${plan.warmup - 1}`]);
    }
    if (plan.stable > 0) phases.push(["ConstantLR", "1.0"]);
    const decay = plan.cycles > 1 ? null : decayClass(plan);
    return decay === null ? null : [...phases, decay];
  }

  function decayClass(plan) {
    const lowest = plan.final ? `, eta_min=${plan.final} * ${plan.peak}` : "";
    const iters = `total_iters=${plan.decay - 1}`;
    const inTime = plan.run <= plan.plan; // past its end torch's cosine climbs, and ours does not
    switch (plan.shape) {
      case "constant": return ["ConstantLR", "1.0"];
      case "linear": return ["LinearLR", `1.0, ${plan.final || "0.0"}, ${iters}`];
      case "polynomial": return plan.final ? null : ["PolynomialLR", `${iters}, power=2`];
      case "cosine":
        return inTime ? ["CosineAnnealingLR", `T_max=${plan.decay - 1}${lowest}`] : null;
      case "CosineAnnealingLR": return ["CosineAnnealingLR", `T_max=${plan.decay}${lowest}`];
      case "step":
        return plan.final || plan.decay % 3 ? null
          : ["StepLR", `step_size=${plan.decay / 3}, gamma=0.1`];
      case "exponential": return plan.final ? null : ["ExponentialLR", `gamma=${plan.gamma}`];
    }
    return null;
  }

  function formula(plan) {
    const above = (text) => plan.final ? `${plan.final} + (1 - ${plan.final}) * ${text}` : text;
    const floored = (text) => plan.final ? `max(${text}, ${plan.final})` : text;
    const stair = plan.every % 3 === 0 ? third(plan.every) : `(${third(plan.every)})`;
    return {
      constant: "1.0",
      linear: above("(1 - p)"),
      polynomial: above("(1 - p) ** 2"),
      cosine: above("(1 + math.cos(math.pi * p)) / 2"),
      CosineAnnealingLR: above(`(1 + math.cos(math.pi * t / ${plan.decay})) / 2`),
      one_minus_sqrt: above("(1 - math.sqrt(p))"),
      rex: above("(1 - p) / (1 - p / 2)"),
      step: floored(`0.1 ** math.floor(t / ${stair})`),
      exponential: floored(`${plan.gamma} ** t`),
      inverse_sqrt: `(1 + t / ${plan.timescale}) ** -0.5`,
      inverse_time: `1 / (1 + t / ${plan.timescale})`,
    }[plan.shape];
  }

  function asLambda(plan) {
    const result = formula(plan), lines = ["def factor(t):"];
    if (plan.warmup > 0) {
      const done = plan.start === "zero" ? "t" : "(t + 1)";
      lines.push(`    if t < ${plan.warmup}:`, `        return ${done} / ${plan.warmup}`);
      lines.push(`    t -= ${plan.warmup}`);
    }
    if (plan.stable > 0)
      lines.push(`    if t < ${plan.stable}:`, "        return 1.0", `    t -= ${plan.stable}`);
    if (plan.cycles > 1) lines.push(`    t %= ${plan.every}`);
    if (/\bp\b/.test(result)) lines.push(`    p = min(t / ${plan.gaps}, 1.0)`);
    lines.push(`    return ${result}`);
    const needsMath = lines.some((line) => line.includes("math."));
    return [
      ...(needsMath ? ["import math", ""] : []),
      "from torch.optim.lr_scheduler import LambdaLR", "", "",
      ...lines, "", "", "scheduler = LambdaLR(optimizer, factor)",
    ].join("\n");
  }

  function inTorch(settings) {
    const plan = layout(settings), phases = classes(plan);
    if (phases === null) return asLambda(plan);
    const calls = phases.map(([name, given]) => `${name}(optimizer, ${given})`);
    const names = new Set(phases.map(([name]) => name));
    if (calls.length > 1) names.add("SequentialLR");
    const imports = `from torch.optim.lr_scheduler import ${[...names].sort().join(", ")}`;
    if (calls.length === 1) return `${imports}\n\nscheduler = ${calls[0]}`;
    const bounds = [plan.warmup, plan.warmup + plan.stable].slice(plan.warmup > 0 ? 0 : 1);
    const milestones = bounds.slice(0, calls.length - 1).join(", ");
    const listed = calls.map((text) => `        ${text},`);
    return [
      imports, "", "scheduler = SequentialLR(", "    optimizer,", "    [", ...listed, "    ],",
      `    milestones=[${milestones}],`, ")",
    ].join("\n");
  }

  return { SETTINGS, defaults, read, write, most, settle, idle, layout, rates, inPython, inTorch };
})();
