// --- what a query asks: the wanted words, what is left out, on whose side ---------------------
// tdr/ask/search/query.py, with its lists of words; what is called here as there does the same.

const tellsLittle = (word) => asking._NOISE.has(stemOf(word)) || asking._TAKING_SIDES.has(stemOf(word))
  || word.length === 1 || new RegExp(`^(?:${asking._MERE_NUMBER})$`).test(word);

function askedBy(text, index) {
  const { found, ends, minus } = cut(mapped(text, tables.dashes));
  const { wanted, unwanted, failing } = without(found, ends, minus, index);
  const names = [...namesIn(wanted, index)];
  const { side, turn } = sideOf(wanted, names, failing);
  const cells = names.filter((name) => name.start < turn).flatMap((name) => labelsOf(name, "cells"));
  return { words: wanted, typed: new Map(spellingsOf(text)), names, unwanted, side, turn, subjects: cells };
}

const labelsOf = (name, kind) => name.terms.filter(([of]) => of === kind).map(([, label]) => label);

// Folded words; the places after which a clause ends, and of words with a minus before.
function cut(text) {
  const found = [], ends = new Set(), minus = new Set();
  for (const chunk of chunksOf(text)) {
    if (/^-[A-Za-z][\p{L}\p{N}_]/u.test(chunk) && found.length) minus.add(found.length);
    found.push(...words(chunk));
    if (asking._END_OF_CLAUSE.includes(chunk.at(-1))) ends.add(found.length - 1);
  }
  return { found, ends, minus };
}

// The wanted words, what is to be left out, and where it says that something fails to act.
function without(words, ends, minus, index) {
  const wanted = [], unwanted = [];
  let failing = null, place = 0;
  while (place < words.length) {
    const word = words[place];
    let after = asking._LEAVING_OUT.has(word) || asking._NEGATED_VERBS.has(word) ? place + 1 : 0;
    if (asking._THAN.has(word) && words[place + 1] === "than") after = place + 2;
    if (!after && !minus.has(place)) {
      wanted.push(word);
      place += 1;
      continue;
    }
    const start = minus.has(place) ? place : nextOf(words, after, asking._BETWEEN), of = words[start] || "";
    if (!of || asking._ADVERBS.has(of) || asking._RESPONDING.has(stemOf(of)) || asking._NEGATED_VERBS.has(word)) {
      // No word is left out: something fails to act (`not responding`, `no longer works`).
      if (of && of !== "only") failing ??= wanted.length;
      place = after;
      continue;
    }
    let stop = start;
    while (stop < words.length && !ends.has(stop)) stop += 1;
    stop = Math.min(stop + 1, words.length);
    if (word === "without" && asking._BEARERS.has(wanted.at(-1))
      && longestName(words, start, stop, index).terms.some(([kind]) => kind === "molecules")) {
      place = after; // a loss (`tumors without PTEN`)
      continue;
    }
    place = start;
    while (place < stop) {
      const one = longestName(words, place, stop, index);
      unwanted.push(one);
      place = one.end;
      const following = nextOf(words, place + 1, asking._BETWEEN, asking._LEAVING_OUT);
      if (!(place < stop && asking._JOINING.has(words[place]) && following < stop)) break;
      place = following;
    }
  }
  return { wanted, unwanted, failing };
}

function nextOf(words, place, ...passed) {
  while (place < words.length && passed.some((some) => some.has(words[place]))) place += 1;
  return place;
}

// The longest name at a place, or else the word there, and where it ends.
function longestName(words, start, stop, index) {
  for (let end = stop; end > start; end--) {
    const terms = index.termsNamed(words.slice(start, end).join(""));
    if (terms.length) return { word: words[start], terms, end };
  }
  return { word: words[start], terms: [], end: start + 1 };
}

// Neighbouring words joined -> where they stand first.
function runsOf(words) {
  const found = new Map();
  for (let start = 0; start < words.length; start++)
    for (let end = start + 1; end <= Math.min(start + asking.LONGEST_NAME, words.length); end++) {
      const name = words.slice(start, end).join("");
      if (!found.has(name)) found.set(name, words.slice(start, end));
    }
  return found;
}

// The names in a query from left to right, at each place the longest.
function* namesIn(words, index) {
  for (let place = 0; place < words.length; place++)
    for (let end = Math.min(place + asking.LONGEST_NAME, words.length); end > place; end--) {
      const terms = index.termsNamed(words.slice(place, end).join(""));
      if (!terms.length) continue;
      yield { start: place, end, terms };
      place = end - 1;
      break;
    }
}

// On which side the answer is to be, and the place of the word that says so.
function sideOf(words, names, failing) {
  const stems = words.map(stemOf);
  const cancers = names.filter((name) => labelsOf(name, "cancers").length);
  const inName = (place) => names.some(({ start, end }) => start <= place && place < end && end - start > 1);
  const isTumor = (place) => asking._TUMOR.has(stems[place]) || cancers.some(({ start, end }) => start <= place && place < end);
  for (const [place, word] of words.entries()) {
    if (place !== failing && inName(place)) continue;
    const tumor = words.some((_, other) => other > place && isTumor(other));
    const treatment = names.some((name) => name.start > place && labelsOf(name, "agents").length);
    const side = place === failing ? "promotes" : sideOfWord(word, stems.slice(place + 1), tumor, treatment);
    if (side) return { side, turn: place };
  }
  return { side: failing === null ? null : "promotes", turn: failing || 0 };
}

// The side that a word takes, by what it acts on: the stems that follow, a tumor or treatment or not.
function sideOfWord(word, rest, tumor, treatment) {
  const one = stemOf(word), making = asking._MAKING.has(word);
  const actedOn = rest.find((other) => asking._RESISTING.has(other) || asking._RESPONDING.has(other)) || "";
  const resisting = asking._RESISTING.has(actedOn), responding = rest.some((other) => asking._RESPONDING.has(other));
  const failing = rest.some((other) => asking._FAILING.has(other));
  if (making && (failing || (resisting && !responding))) return "promotes";
  if (making && responding) return "opposes";
  if (asking._OVERCOMING.has(one) || new RegExp(`^(?:${asking._SENSITIZING})$`).test(word)) return "opposes";
  if (asking._HELPING.has(one)) return resisting ? "promotes" : "opposes";
  if (asking._CAUSING.has(one)) return asking._RESPONDING.has(actedOn) ? "opposes" : "promotes";
  if (asking._FAILING.has(one)) return asking._IMPAIRING.has(one) && resisting ? "opposes" : "promotes";
  if (asking._HOLDING_BACK.has(one) && resisting) return "opposes";
  if (asking._HOLDING_BACK.has(one) && (responding || treatment)) return "promotes";
  if (asking._PROTECTING.has(one)) return tumor ? "promotes" : "opposes";
  return null;
}

// The words to search for, each once: without those that only ask, unless all do.
function telling(words) {
  const every = [...new Set(words)], some = every.filter((word) => !asking.STOP_WORDS.has(word));
  return some.length ? some : every;
}

// The command that selects what a query with a side asks for; "" if it names nothing.
function asFilters({ side, names, words, subjects }, { filters, therapies }) {
  if (!side) return "";
  let options = names.flatMap((name) => {
    for (const { kind, counted, option } of filters) {
      const [label] = kind && counted ? labelsOf(name, kind) : [];
      if (label && !(kind === "cells" && subjects.includes(label))) return [[option, label]];
    }
    return [];
  });
  const therapy = words.filter((word) => !asking.STOP_WORDS.has(word))
    .map((word) => therapyNamed(word, therapies)).find(Boolean);
  if (therapy) options = [["-t", therapy], ...options.filter(([, label]) => !therapyNamed(label, therapies))];
  if (!subjects.length && !options.length) return "";
  const command = side === "promotes" || subjects.length ? "tdr list" : "tdr counter";
  if (subjects.length) options.push([`--${side}`, subjects[0]]);
  else if (side === "promotes") options.push(["--effect", "resistance"]);
  return [command, ...options.map(([option, label]) => `${option} ${quoted(label)}`)].join(" ");
}
