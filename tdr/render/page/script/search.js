// --- search -----------------------------------------------------------------------------------

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


class Search {
  constructor(claims, vocabulary) {
    this.claims = claims;
    this.lexicon = new Lexicon(claims.length, (place) => this.textOf(claims[place].record, vocabulary));
    const readAhead = () => { if (this.lexicon.readOn(200)) setTimeout(readAhead, 10); };
    setTimeout(readAhead, 100);
  }

  textOf(record, vocabulary) {
    const fields = { promotes: "cells", opposes: "cells", cancers: "cancers", agents: "agents", molecules: "molecules", pathways: "pathways", processes: "processes" };
    let text = [record.id, record.mechanism, record.therapy, record.note, ...record.countered_by].join(" ; ");
    for (const [field, kind] of Object.entries(fields))
      for (const label of record[field]) {
        text += " ; " + (vocabulary.terms(kind).get(label)?.forms || [label]).join(" ; ");
        for (const wider of vocabulary.ancestors(kind, label))
          text += " ; " + vocabulary.terms(kind).get(wider).forms.filter((form) => form === wider || !form.includes(" ")).join(" ; ");
      }
    return text;
  }

  answer(question, list) {
    if (!question) return { claims: list, said: [], mark: null };
    const lexicon = this.lexicon, said = [];
    lexicon.readOn(Infinity);
    const parts = lexicon.ask(question);
    const hits = new Uint8Array(this.claims.length);
    for (const part of parts) {
      const here = new Set(part.words.flatMap((word) => lexicon.words.get(word)));
      for (const number of here) hits[number]++;
      if (!part.words.length) said.push(`nothing like “${part.typed}”`);
      else if (part.guessed) said.push(`“${part.typed}” taken as ${part.words.slice(0, 3).join(", ")}`);
    }
    const unknown = parts.some((part) => !part.words.length);
    const most = list.reduce((best, claim) => Math.max(best, hits[claim.place]), 0);
    const needed = unknown || !parts.length ? parts.length || 1 : Math.max(1, most);
    if (!unknown && list.length && most && most < parts.length)
      said.push(`no claim has all of these words; shown are those with ${most} of ${parts.length}`);
    const found = new Set(parts.flatMap((part) => part.words));
    return { claims: list.filter((claim) => hits[claim.place] >= needed), said, mark: (row) => marks(row, found) };
  }
}

function marks(row, found) {
  const ranges = [];
  const walk = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode())
    for (const match of node.data.matchAll(CHUNK))
      if ([...keys(match[0])].some((key) => found.has(key))) {
        const range = new Range();
        range.setStart(node, match.index);
        range.setEnd(node, match.index + match[0].length);
        ranges.push(range);
      }
  return ranges;
}
