// What `diagnose` says about the explorer's plan: the rules of lrsched_book.diagnosis that such a
// plan can break, each under the name of its function there. Codes, remedies, thresholds and the
// order come from the package; tests/test_explorer.py compares what is found.
"use strict";

(() => {
  const BOOK = globalThis.LRSCHED_BOOK;
  const { arguments: ARGUMENTS, cycles: CYCLES, rates: RATES, starts: STARTS } = BOOK.limits;

  // --- numbers as Python writes them -------------------------------------------------------------

  function significant(value, digits) { // f"{value:.3g}"
    if (value === 0) return "0";
    const [exact] = value.toExponential(30).split("e");
    let [mantissa, exponent] = value.toExponential(digits - 1).split("e");
    // In the middle between two, Python takes the even one and JavaScript the larger.
    if (/^[02468]50*$/.test(exact.slice(digits))) mantissa = exact.slice(0, digits + 1);
    const power = Number(exponent), rounded = Number(`${mantissa}e${power}`);
    const trimmed = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
    if (power >= -4 && power < digits)
      return trimmed(rounded.toFixed(digits - 1 - power));
    return `${trimmed(mantissa)}e${power < 0 ? "-" : "+"}${`${Math.abs(power)}`.padStart(2, "0")}`;
  }

  const short = (value) => significant(value, 3);

  function counted(value) { // f"{value:,}"
    const [before, ...after] = `${value}`.split(".");
    return [before.replace(/\B(?=(\d{3})+$)/g, ","), ...after].join(".");
  }

  // --- the plan taken apart: see diagnosis/parts.py ----------------------------------------------

  function partsOf(plan) {
    const parts = [], end = plan.run;
    const add = (name, start, until, more) => {
      const part = { name, start, end: Math.min(until, end), ...more };
      parts.push({ ...part, updates: part.end - part.start });
    };
    let start = 0;
    if (plan.warmup > 0) {
      const steps = plan.warmup + (plan.start === "zero" ? 1 : 0);
      add("then", 0, end, { milestone: plan.warmup });
      add("linear_warmup", 0, plan.warmup, { known: horizon("steps", steps, steps - 1, "rise") });
      start = plan.warmup;
    }
    if (start < end && plan.stable > 0) {
      add("then", start, end, { milestone: plan.stable });
      add("constant", start, start + plan.stable);
      start += plan.stable;
    }
    if (start >= end) return parts;
    if (plan.cycles > 1) {
      add("repeat", start, end, { known: horizon("every", plan.every, plan.every, "cycle") });
      // The first cycle shows what all of them do.
      add(nameOf(plan), start, start + plan.every, { known: ofShape(plan) });
    } else add(nameOf(plan), start, end, { known: ofShape(plan) });
    return parts;
  }

  const horizon = (argument, value, last, kind) => ({ argument, value, last, kind });
  const nameOf = (plan) => (plan.shape === "CosineAnnealingLR" ? "cosine" : plan.shape);

  function ofShape(plan) {
    if (plan.shape === "step") return horizon("every", plan.stair, plan.stair, "drop");
    if (["constant", "exponential", "inverse_sqrt", "inverse_time"].includes(plan.shape)) return;
    const kind = plan.final < 1 ? "decay" : "rise";
    return horizon("steps", plan.gaps + 1, plan.gaps, kind);
  }

  // --- the rules ---------------------------------------------------------------------------------

  const PER_UPDATE = "it seems to count epochs, and to be stepped once per update.";

  function seen(run, part, localStep, text) {
    const at = Math.min(Math.max(part.start + localStep, 0), run.steps - 1);
    return { step: Math.ceil(at), text: `${part.name} ${text}`, about: part.name };
  }

  const countsEpochs = (part, last) => last < ARGUMENTS.TOO_SHORT * part.updates;
  const top = (values) => values.reduce((a, b) => Math.max(a, b), 0);
  const least = (values) => values.reduce((a, b) => Math.min(a, b), Infinity);
  const moves = (values) => values.slice(1).map((value, index) => value - values[index]);

  function staysNearItsTop(used) {
    const enough = (1 - ARGUMENTS.TOO_LITTLE) * top(used);
    const near = used.findIndex((value) => value > enough);
    const long = near + ARGUMENTS.SHORTEST_CHANGE <= used.length;
    return long && least(used.slice(near)) > enough ? top(used) : null;
  }

  const LOOK = {
    *decays_by_nothing(run) {
      for (const part of run.parts) {
        const known = part.known;
        if (!known || !["decay", "drop"].includes(known.kind)) continue;
        const done = Math.ceil(known.last) + (known.kind === "drop" ? 1 : 0);
        if (done > part.updates) continue;
        const end = known.kind === "drop" ? part.end : part.start + done;
        const still = staysNearItsTop(run.rates.slice(part.start, end));
        if (still === null) continue;
        const text = `with ${known.argument}=${counted(known.value)} never comes down from `;
        yield seen(run, part, 0, `${text}${short(still)}.`);
      }
    },

    *counts_epochs(run) {
      for (const part of run.parts) {
        const known = part.known, updates = counted(part.updates);
        if (!known) continue;
        if (known.kind === "decay" && countsEpochs(part, known.last)) {
          const text = `with ${known.argument}=${counted(known.value)} is over after `;
          const all = `${counted(known.last)} of ${updates} updates: ${PER_UPDATE}`;
          yield seen(run, part, known.last, text + all);
        }
        const limit = Math.min(
          ARGUMENTS.CYCLE_TOO_SHORT * part.updates, ARGUMENTS.CYCLE_AT_LEAST);
        if (known.kind === "cycle" && known.last < limit) {
          const text = `begins anew every ${counted(known.last)} of ${updates} updates: `;
          yield seen(run, part, known.last, text + PER_UPDATE);
        }
      }
    },

    *horizon_outside_run(run) {
      for (const part of run.parts) {
        const known = part.known;
        if (!known) continue;
        const tooLong = {
          decay: known.last > ARGUMENTS.TOO_LONG * part.updates,
          cycle: known.last > ARGUMENTS.TOO_LONG * part.updates,
          rise: known.last > part.updates && part.end < run.steps,
        };
        if (!tooLong[known.kind]) continue;
        const text = `gets ${counted(part.updates)} updates, too few for `;
        const what = `${known.argument}=${counted(known.value)}: it is cut short.`;
        yield seen(run, part, part.updates - 1, text + what);
      }
    },

    *milestone_outside_run(run) {
      for (const part of run.parts) {
        const at = part.known && part.known.kind === "drop" ? part.known.last : part.milestone;
        if (at === undefined || at < part.updates) continue;
        const last = part.updates - 1;
        const text = `has the milestone ${at}, and none of its updates, 0 to ${counted(last)}, `;
        yield seen(run, part, Math.min(Math.floor(at), last), `${text}is that.`);
      }
    },

    *ends_in_mid_cycle(run) {
      for (const part of run.parts) {
        const known = part.known;
        if (!known || known.kind !== "cycle" || part.updates <= known.last) continue;
        let done = part.updates;
        while (done > known.last) done -= known.last;
        if (done >= ARGUMENTS.CYCLE_DONE * known.last) continue;
        const text = `is stopped after ${counted(done)} of the `;
        const all = `${counted(known.last)} updates of its last cycle.`;
        yield seen(run, part, part.updates - 1, text + all);
      }
    },

    *rises_again(run) {
      const used = run.rates, highest = top(used);
      let low = used.length - 1;
      while (low > 0 && used[low] - used[low - 1] > 0) low -= 1;
      let up = low - 1;
      while (up >= 0 && used[up] < CYCLES.REACHED * highest) up -= 1;
      if (low === used.length - 1 || up < 0) return;
      const climbedBefore = moves(used.slice(up, low)).some(
        (move) => move > CYCLES.ROUNDING * highest); // a cycle, which is meant to
      const smoothly = used[low + 1] - used[low] < CYCLES.JUMP * highest;
      const down = used[low] < CYCLES.DOWN * highest;
      if (climbedBefore || !smoothly || !down) return;
      if (used[used.length - 1] <= CYCLES.CLIMBED * used[low]) return;
      const text = `the plan is down at ${short(used[low])} at update ${counted(low)}, `;
      yield { step: low + 1, text: `${text}then climbs again.` };
    },

    *never_reaches_peak(run) {
      const used = run.rates, highest = top(used);
      const rises = used[0] < highest * (1 - RATES.ROUNDING);
      const stillRising = used[used.length - 1] >= highest;
      const turns = highest > RATES.HOLDS_THE_PEAK * run.peak;
      if (highest >= RATES.REACHED * run.peak || !rises || !(stillRising || turns)) return;
      const text = `the rate rises to ${short(highest)} only, where its peak is `;
      yield { step: used.indexOf(highest), text: `${text}${short(run.peak)}.` };
    },

    *changes_too_little(run) {
      const highest = top(run.rates);
      const change = (highest - least(run.rates)) / (highest > 0 ? highest : 1);
      if (run.rates.length < RATES.SHORTEST_CHANGE) return;
      if (change <= RATES.ROUNDING || change >= RATES.TOO_LITTLE) return;
      const text = `in ${counted(run.steps)} steps the rate changes by ${significant(change, 2)} `;
      const guess = "of itself: the plan seems to count updates, and to be stepped once per epoch.";
      yield { step: 0, text: text + guess };
    },

    *dead_for_most_of_the_run(run) {
      const used = run.rates, updates = used.length, highest = top(used);
      const peakAt = used.indexOf(highest);
      const dead = used.map((rate, at) => at > peakAt && rate < RATES.DEAD * highest);
      const count = dead.filter(Boolean).length;
      const soon = Math.min(updates - count + Math.floor(RATES.TOO_SHORT * updates), updates - 1);
      const ends = used[soon] <= RATES.ZERO * highest && used[soon] === used[updates - 1];
      if (count <= RATES.MOSTLY * updates || ends) return;
      const at = dead.indexOf(true);
      const text = `from update ${counted(at)} of ${counted(updates)} on the rate is below a `;
      yield { step: at, text: `${text}thousandth of its peak: the plan seems to count epochs, and `
        + "to be stepped once per update." };
    },

    *over_in_no_time(run) {
      const used = run.rates, updates = used.length, highest = top(used);
      let at = updates - 1;
      while (at > 0 && Math.abs(used[at] - used[at - 1]) <= RATES.ROUNDING * highest) at -= 1;
      if (at === 0) return;
      const fell = used[updates - 1] <= RATES.COUNTED_OUT * highest * (1 + RATES.ROUNDING);
      if (!fell || at >= RATES.TOO_SHORT * updates) return;
      const text = `the plan is over after ${counted(at)} of ${counted(updates)} updates: `;
      yield { step: at, text: text + PER_UPDATE };
    },

    *zero_before_the_end(run) {
      const used = run.rates, updates = used.length, highest = top(used);
      const zero = used.map((rate) => rate <= RATES.ZERO * highest);
      const some = Math.max(2, Math.floor(updates / RATES.LAST_PART));
      const exact = used.slice(-Math.min(some, RATES.MOST_ZEROS + 1)).every((rate) => rate === 0);
      if (!(highest > 0) || !(zero.slice(-some).every(Boolean) || exact)) return;
      const at = zero.lastIndexOf(false) + 1;
      yield { step: at, text: `the last ${counted(updates - at)} updates have the rate 0.` };
    },

    *drops_dead(run) {
      const used = run.rates, highest = top(used);
      let alive = used.length;
      while (alive > 0 && used[alive - 1] <= RATES.DEAD * highest * (1 + RATES.ROUNDING)) alive -= 1;
      const rest = used.length - alive;
      if (!alive || rest < Math.max(2, Math.floor(used.length / RATES.LAST_PART))) return;
      const before = used[alive - 1], after = used[alive];
      const oneDrop = before >= RATES.DOWN * highest
        && after <= RATES.DEAD * before * (1 + RATES.ROUNDING);
      if (!oneDrop || after <= RATES.ZERO * highest) return;
      const text = `update ${counted(alive)} drops the rate from ${short(before)} to `;
      yield { step: alive, text: `${text}${short(after)}: the last ${counted(rest)} updates move `
        + "next to nothing." };
    },

    *starts_at_zero(run) {
      if (run.idle * STARTS.HARMLESS > run.steps) yield atZero();
    },

    *starts_a_long_warmup_at_zero(run) {
      if (run.idle > 0 && run.idle * STARTS.HARMLESS <= run.steps) yield atZero();
    },

    *decays_while_it_warms_up(run) {
      const used = run.rates, at = used.indexOf(top(used));
      if (at < STARTS.SHORTEST_WARMUP || at + 2 >= used.length) return;
      if (moves(used.slice(0, at + 1)).some((move) => move < 0)) return;
      const lost = used[at] - used[at + 1], next = used[at + 1] - used[at + 2];
      if (lost <= STARTS.MISSED * used[at] || next <= 0 || next >= STARTS.SMOOTH * lost) return;
      const text = `the warmup ends with ${short(used[at])} at update ${counted(at)}, and the `;
      yield { step: at + 1, text: `${text}decay goes on from ${short(used[at + 1])}: it has been `
        + "running since the start." };
    },
  };

  const atZero = () => ({ step: 0, text: "update 0 has the rate 0 and moves nothing." });

  // --- what is found: see diagnosis/__init__.py --------------------------------------------------

  const LOOKS = Object.keys(LOOK);
  const SEVERITIES = ["error", "warning", "note"];

  function diagnose(settings) {
    const plan = LRX.layout(settings), rates = LRX.rates(settings), parts = partsOf(plan);
    const moving = rates.findIndex((rate) => rate > 0);
    const run = { steps: plan.run, peak: plan.peak, rates, parts, idle: moving };
    const alone = parts.length === 1 ? parts[0].name : "a composition";
    const heard = new Map(); // by code: the first rule that sees something knows most about it
    for (const rule of BOOK.rules) {
      if (heard.has(rule.code) || !LOOKS.includes(rule.look)) continue;
      const found = [...LOOK[rule.look](run)].map((what) => ({
        code: rule.code, severity: rule.severity, step: what.step, remedy: rule.remedy,
        consequence: what.about ? what.text : what.text[0].toUpperCase() + what.text.slice(1),
        chapter: rule.chapter || BOOK.chapters[what.about || alone],
      }));
      if (found.length) heard.set(rule.code, { rule, found });
    }
    return [...heard.values()]
      .filter(({ rule }) => !rule.unless.some((code) => heard.has(code)))
      .flatMap(({ found }) => found)
      .sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity)
        || a.step - b.step);
  }

  Object.assign(LRX, { diagnose, significant, short, counted, LOOKS });
})();
