"use strict";
// Makes the page answer: search, filters, sorting, cards, colours. The claims themselves are in
// the HTML and are only read and moved here; text is set with textContent, never parsed.
(() => {
  const PAGE = 200; // rows laid out at once; the rest wait outside the page
  const root = document.documentElement;
  root.classList.add("js");

  // --- colours -----------------------------------------------------------------------------
  const remembered = () => {
    try { return localStorage.getItem("tdr-theme"); } catch { return null; }
  };
  const isDark = () =>
    (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const before = remembered();
  if (before === "dark" || before === "light") root.dataset.theme = before;

  // --- words: one notation for all ---------------------------------------------------------
  const GREEK = {
    α: "a", β: "b", γ: "g", δ: "d", ε: "e", ζ: "z", η: "eta", θ: "theta", ι: "iota", κ: "k",
    λ: "l", μ: "mu", ν: "nu", ξ: "xi", ο: "o", π: "pi", ρ: "rho", ς: "sigma", σ: "sigma",
    τ: "tau", υ: "upsilon", φ: "phi", χ: "chi", ψ: "psi", ω: "omega",
  };
  const SPELLED = /(alpha|beta|gamma|delta|epsilon|zeta|kappa|lambda)(?=\d*\+?$)/;
  const CHUNK = /[^\s,;:()[\]{}"“”„'’.?!<>=]+/g;
  const STOP = new Set((
    "a an and are as at be by can cause causes do does for from has have how in into is it its of on or that the " +
    "there they this to was what when where which who why with"
  ).split(" "));

  function clean(text) {
    return text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f\u00ad]/g, "")
      .replace(/[α-ω]/g, (letter) => GREEK[letter] || letter);
  }

  // "TGF-β1/SMAD" -> tgf, b1, smad: what the signs between them part.
  function pieces(chunk) {
    return clean(chunk).split(/[^\p{L}\p{N}+]+/u).filter(Boolean)
      .map((piece) => piece.replace(SPELLED, (name) => name[0]));
  }

  // Everything that a chunk can be found by: its pieces, and neighbouring pieces joined.
  function keys(chunk) {
    const parts = pieces(chunk).slice(0, 12);
    const found = new Set();
    for (let start = 0; start < parts.length; start++) {
      let joined = "";
      for (let end = start; end < parts.length && end < start + 4; end++) {
        joined += parts[end];
        found.add(joined);
        if (joined.endsWith("+")) found.add(joined.replace(/\++$/, ""));
      }
    }
    found.delete("");
    return found;
  }

  // Typing errors (insert, drop, change, swap) between two words; `limit` + 1 if more than that.
  function errors(one, other, limit) {
    if (Math.abs(one.length - other.length) > limit) return limit + 1;
    let beforeLast = [], last = Array.from({ length: other.length + 1 }, (_, n) => n);
    for (let i = 1; i <= one.length; i++) {
      const row = [i];
      let least = i;
      for (let j = 1; j <= other.length; j++) {
        const same = one[i - 1] === other[j - 1] ? 0 : 1;
        let cost = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + same);
        if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1])
          cost = Math.min(cost, beforeLast[j - 2] + 1);
        row.push(cost);
        if (cost < least) least = cost;
      }
      if (least > limit) return limit + 1;
      beforeLast = last;
      last = row;
    }
    return last[other.length];
  }

  const letters = (word) => [...word].sort().join("");

  class Lexicon {
    // word -> numbers of the claims that have it. Reads `texts` (a function of a number, for
    // `size` claims) piece by piece, so that the page answers meanwhile.
    constructor(size, texts) {
      this.words = new Map();
      this.size = size;
      this.texts = texts;
      this.read = 0;
      this.known = new Map(); // chunk -> keys; most chunks come often
      this.sorted = null;
    }

    readOn(most) {
      for (const end = Math.min(this.size, this.read + most); this.read < end; this.read++)
        for (const chunk of this.texts(this.read).match(CHUNK) || []) {
          let found = this.known.get(chunk);
          if (!found) this.known.set(chunk, (found = keys(chunk)));
          for (const word of found) {
            const claims = this.words.get(word);
            if (!claims) this.words.set(word, [this.read]);
            else if (claims[claims.length - 1] !== this.read) claims.push(this.read);
          }
        }
      return this.read < this.size;
    }

    get all() {
      return (this.sorted ??= [...this.words.keys()]);
    }

    beginning(start) {
      return this.all.filter((word) => word.startsWith(start));
    }

    // The words that one word of a question may mean, and whether that took a correction.
    meant(word) {
      const exact = this.words.has(word) ? [word] : [];
      if (word.length < 3) {
        return { words: exact.length ? exact : this.beginning(word), guessed: false };
      }
      let words = this.beginning(word);
      if (!words.length && word.endsWith("s") && word.length > 3) words = this.beginning(word.slice(0, -1));
      if (words.length) return { words, guessed: false };
      return { words: this.guesses(word), guessed: true };
    }

    guesses(word) {
      if (word.length < 4) return [];
      const digits = word.replace(/\D/g, "");
      const limit = word.length < 7 || digits ? 1 : 2;
      for (const whole of [true, false]) {
        let best = limit, found = new Set();
        for (const other of this.all) {
          if (other.length < 4 || other.replace(/\D/g, "") !== digits) continue;
          // Names with digits are too close to each other: only swapped letters are forgiven.
          if (digits && letters(other) !== letters(word)) continue;
          const against = whole ? other : other.slice(0, word.length);
          const cost = errors(word, against, best);
          if (cost < best) { best = cost; found = new Set([other]); }
          else if (cost === best) found.add(other);
        }
        if (found.size) return [...found];
      }
      return [];
    }

    // A question as parts, each with the words that answer it.
    ask(question) {
      const typed = (question.slice(0, 256).match(CHUNK) || []).flatMap(pieces);
      const parts = [];
      for (let start = 0; start < typed.length;) {
        let length = Math.min(4, typed.length - start);
        for (; length > 1; length--) {
          const run = typed.slice(start, start + length);
          if (run.some((word) => word.length < 4) && this.words.has(run.join(""))) break;
        }
        const word = typed.slice(start, start + length).join("");
        parts.push(length > 1 ? { typed: word, words: this.beginning(word), guessed: false }
          : { typed: word, ...this.meant(word) });
        start += length;
      }
      const telling = parts.filter((part) => !STOP.has(part.typed));
      return telling.length ? telling : parts;
    }
  }

  // --- the page ----------------------------------------------------------------------------
  document.addEventListener("DOMContentLoaded", () => {
    const $ = (id) => document.getElementById(id);
    const table = $("claims-table");
    const terms = JSON.parse($("terms").textContent);
    const kindOf = { promotes: "cells", opposes: "cells", cancers: "cancers", agents: "agents", molecules: "molecules", pathways: "pathways", processes: "processes" };
    const entries = new Map(); // "kind\0label" -> {forms, up}
    for (const [kind, label, forms, up] of terms) entries.set(kind + "\0" + label, { forms, up });
    const above = (kind, label) => entries.get(kind + "\0" + label)?.up || [];
    const formsOf = (kind, label) => entries.get(kind + "\0" + label)?.forms || [];

    const claims = Array.from(table.tBodies, (body, order) => {
      const claim = { body, order, lists: {}, button: body.querySelector("button.open") };
      for (const list of body.querySelectorAll("[data-f]"))
        claim.lists[list.dataset.f] = list.localName === "ul"
          ? Array.from(list.children, (item) => item.textContent) : [list.textContent];
      return claim;
    });

    // Search reads the text of the claim, every other name of its terms, and of wider terms the
    // names of one word: a longer one (tumor-infiltrating immune cell) would find everything.
    function textOf(claim) {
      let text = claim.body.textContent;
      for (const [field, kind] of Object.entries(kindOf))
        for (const label of claim.lists[field] || []) {
          text += " " + formsOf(kind, label).join(" ; ");
          for (const wider of above(kind, label))
            text += ` ; ${wider} ; ` + formsOf(kind, wider).filter((form) => !form.includes(" ")).join(" ; ");
        }
      return text;
    }

    const lexicon = new Lexicon(claims.length, (number) => textOf(claims[number]));
    const readAhead = () => { if (lexicon.readOn(200)) setTimeout(readAhead, 10); };

    // --- filters ---------------------------------------------------------------------------
    const controls = { words: $("f-words"), therapy: $("f-therapy"), cell: $("f-cell"), side: $("f-side"), cancers: $("f-cancer"), agents: $("f-agent"), pathways: $("f-pathway") };
    const ticks = { countered: $("f-countered"), noted: $("f-noted"), narrower: $("f-narrower") };

    function options(select, kind, fields) {
      const counts = new Map();
      for (const claim of claims) {
        const here = new Set();
        for (const field of fields)
          for (const label of claim.lists[field] || [])
            for (const name of [label, ...(kind ? above(kind, label) : [])]) here.add(name);
        for (const name of here) counts.set(name, (counts.get(name) || 0) + 1);
      }
      const names = [...counts.keys()];
      if (kind) names.sort((a, b) => a.localeCompare(b, "en", { sensitivity: "base", numeric: true }));
      for (const name of names) select.add(new Option(`${name} (${counts.get(name)})`, name));
    }
    options(controls.therapy, null, ["therapy"]);
    options(controls.cell, "cells", ["promotes", "opposes"]);
    for (const field of ["cancers", "agents", "pathways"]) options(controls[field], field, [field]);

    const has = (claim, field, kind, wanted) => (claim.lists[field] || []).some((label) =>
      label === wanted || (ticks.narrower.checked && above(kind, label).includes(wanted)));

    function fits(claim) {
      const cell = controls.cell.value, side = controls.side.value;
      const sides = side ? [side] : ["promotes", "opposes"];
      return (!controls.therapy.value || claim.lists.therapy[0] === controls.therapy.value)
        && (!(cell || side) || sides.some((field) => cell ? has(claim, field, "cells", cell) : claim.lists[field]))
        && ["cancers", "agents", "pathways"].every((field) =>
          !controls[field].value || has(claim, field, field, controls[field].value))
        && (!ticks.countered.checked || claim.lists.countered_by)
        && (!ticks.noted.checked || claim.lists.note);
    }

    // --- order -----------------------------------------------------------------------------
    const sorts = {
      id: (claim) => claim.lists.id[0],
      therapy: (claim) => claim.lists.therapy[0],
      cells: (claim) => (claim.lists.promotes || claim.lists.opposes || [""])[0],
      agents: (claim) => (claim.lists.agents || [""])[0],
      cancers: (claim) => (claim.lists.cancers || [""])[0],
      mechanism: (claim) => claim.lists.mechanism[0],
      refs: (claim) => (claim.lists.refs || [""])[0],
    };
    const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
    const order = { by: "", down: false };
    const heads = Array.from(table.tHead.querySelectorAll("button[data-sort]"));
    const sortSelect = $("f-sort");

    function sortBy(by, down) {
      order.by = by;
      order.down = down;
      for (const button of heads)
        button.closest("th").setAttribute("aria-sort",
          button.dataset.sort !== by ? "none" : down ? "descending" : "ascending");
      sortSelect.value = by ? by + (down ? "-" : "+") : "";
      show();
    }
    for (const button of heads)
      button.addEventListener("click", () => {
        const by = button.dataset.sort;
        if (order.by !== by) sortBy(by, false);
        else if (!order.down) sortBy(by, true);
        else sortBy("", false);
      });
    for (const button of heads)
      for (const [sign, arrow] of [["+", "↑"], ["-", "↓"]])
        sortSelect.add(new Option(`${button.textContent} ${arrow}`, button.dataset.sort + sign));
    sortSelect.addEventListener("change", () =>
      sortBy(sortSelect.value.slice(0, -1), sortSelect.value.endsWith("-")));

    function ordered(list) {
      if (!order.by) return list.sort((a, b) => a.order - b.order);
      const key = new Map(list.map((claim) => [claim, sorts[order.by](claim)]));
      const way = order.down ? -1 : 1;
      return list.sort((a, b) => {
        const one = key.get(a), other = key.get(b);
        if (!one !== !other) return one ? -1 : 1; // what is empty stands last either way
        return way * collator.compare(one, other) || a.order - b.order;
      });
    }

    // --- showing ---------------------------------------------------------------------------
    let shown = [], room = PAGE, found = null;

    function answer() {
      const question = controls.words.value.trim();
      found = null;
      const said = [];
      let list = claims.filter(fits);
      if (question) {
        lexicon.readOn(Infinity);
        const parts = lexicon.ask(question);
        const hits = new Uint8Array(claims.length);
        for (const part of parts) {
          const here = new Set(part.words.flatMap((word) => lexicon.words.get(word)));
          for (const number of here) hits[number]++;
          if (!part.words.length) said.push(`nothing like “${part.typed}”`);
          else if (part.guessed) said.push(`“${part.typed}” taken as ${part.words.slice(0, 3).join(", ")}`);
        }
        const unknown = parts.some((part) => !part.words.length);
        const most = list.reduce((best, claim) => Math.max(best, hits[claim.order]), 0);
        const needed = unknown || !parts.length ? parts.length || 1 : Math.max(1, most);
        if (!unknown && list.length && most && most < parts.length)
          said.push(`no claim has all of these words; shown are those with ${most} of ${parts.length}`);
        list = list.filter((claim) => hits[claim.order] >= needed);
        found = new Set(parts.flatMap((part) => part.words));
      }
      shown = ordered(list);
      return said;
    }

    function lay(most) {
      const rows = shown.slice(0, most).map((claim) => claim.body);
      const keep = new Set(rows);
      for (const body of Array.from(table.tBodies)) if (!keep.has(body)) body.remove();
      table.append(...rows);
      $("more").hidden = shown.length <= most;
      if (shown.length > most)
        $("more-said").textContent = `${most} of ${shown.length} claims are shown.`;
      mark(rows);
    }

    function mark(rows) {
      if (!("highlights" in CSS)) return;
      CSS.highlights.delete("found");
      if (!found || !found.size) return;
      const ranges = [];
      const judged = new Map();
      for (const body of rows) {
        const walk = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
        for (let node = walk.nextNode(); node; node = walk.nextNode())
          for (const match of node.data.matchAll(CHUNK)) {
            if (!judged.has(match[0])) judged.set(match[0], [...keys(match[0])].some((key) => found.has(key)));
            if (judged.get(match[0])) {
              const range = new Range();
              range.setStart(node, match.index);
              range.setEnd(node, match.index + match[0].length);
              ranges.push(range);
            }
          }
      }
      CSS.highlights.set("found", new Highlight(...ranges));
    }

    function show() {
      const said = answer();
      room = PAGE;
      lay(room);
      const status = $("said");
      status.textContent = `${shown.length} of ${claims.length} claims`;
      if (said.length) {
        const aside = document.createElement("span");
        aside.textContent = " · " + said.join(" · ");
        status.append(aside);
      }
      $("nothing").hidden = shown.length > 0;
      root.classList.add("ready");
    }

    let waiting = 0;
    controls.words.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(show, claims.length > 2000 ? 200 : 50);
    });
    for (const control of [...Object.values(controls).slice(1), ...Object.values(ticks)])
      control.addEventListener("change", show);

    function clear() {
      for (const control of Object.values(controls)) control.value = "";
      ticks.countered.checked = ticks.noted.checked = false;
      ticks.narrower.checked = true;
    }
    for (const button of document.querySelectorAll("button.clear"))
      button.addEventListener("click", () => { clear(); show(); controls.words.focus(); });
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest?.("input, select, textarea");
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        controls.words.focus();
      }
    });

    $("more-rows").addEventListener("click", () => {
      const next = shown[room];
      room += PAGE;
      lay(room);
      next.button.focus();
    });

    // --- cards -----------------------------------------------------------------------------
    function open(claim, wanted) {
      claim.body.classList.toggle("opened", wanted);
      claim.button.setAttribute("aria-expanded", String(wanted));
    }
    const byBody = new Map(claims.map((claim) => [claim.body, claim]));
    table.addEventListener("click", (event) => {
      const row = event.target.closest("tr.row");
      if (!row || event.target.closest("a")) return;
      const onButton = event.target.closest("button.open");
      if (!onButton && String(getSelection())) return; // somebody marks text to copy it
      const claim = byBody.get(row.parentNode);
      open(claim, claim.button.getAttribute("aria-expanded") !== "true");
    });
    $("open-all").addEventListener("click", () => {
      const some = shown.slice(0, room).some((claim) => claim.button.getAttribute("aria-expanded") !== "true");
      for (const claim of shown.slice(0, room)) open(claim, some);
    });

    // A link to a claim opens it, whatever is filtered.
    const byId = new Map(claims.map((claim) => [claim.body.id, claim]));
    function follow() {
      let id = "";
      try { id = decodeURIComponent(location.hash.slice(1)); } catch { return; }
      const claim = byId.get(id);
      if (!claim) return;
      if (!shown.includes(claim)) { clear(); show(); }
      const place = shown.indexOf(claim);
      if (place >= room) { room = place + PAGE; lay(room); }
      open(claim, true);
      claim.body.scrollIntoView();
      claim.button.focus({ preventScroll: true });
    }
    addEventListener("hashchange", follow);

    // --- heat map --------------------------------------------------------------------------
    const heat = $("heat");
    heat?.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      clear();
      controls.cell.value = button.closest("tr").dataset.cell;
      controls.therapy.value = button.dataset.therapy;
      controls.side.value = button.dataset.side;
      ticks.narrower.checked = false;
      show();
      $("claims").scrollIntoView();
      $("claims").focus({ preventScroll: true });
    });
    const rest = $("heat-all");
    rest?.addEventListener("click", () => {
      const all = heat.classList.toggle("all");
      rest.setAttribute("aria-expanded", String(all));
      [rest.textContent, rest.dataset.other] = [rest.dataset.other, rest.textContent];
    });

    // --- dark and light, paper -------------------------------------------------------------
    const theme = $("theme");
    const tell = () => { theme.textContent = isDark() ? "Light" : "Dark"; };
    theme.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      try { localStorage.setItem("tdr-theme", root.dataset.theme); } catch { /* not remembered, then */ }
      tell();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tell);
    addEventListener("beforeprint", () => lay(shown.length));
    addEventListener("afterprint", () => lay(room));

    tell();
    show();
    follow();
    setTimeout(readAhead, 100);
  });
})();
