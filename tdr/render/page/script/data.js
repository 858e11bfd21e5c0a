// --- the data of the page, and its vocabulary --------------------------------------------------

const $ = (id) => document.getElementById(id);

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;,=>?@^_`{|}~"; // of base 85

// The data that tdr/render/page/data.py has compressed.
async function decompressed() {
  const text = $("data").textContent.trim(), bytes = new Uint8Array(Math.ceil(text.length / 5) * 4);
  const view = new DataView(bytes.buffer), digit = new Map([...DIGITS].map((char, n) => [char, n]));
  for (let at = 0; at < text.length; at += 5) {
    let number = 0; // of five digits; missing ones at the end are the highest
    for (let n = at; n < at + 5; n++) number = number * 85 + (digit.get(text[n]) ?? 84);
    view.setUint32((at / 5) * 4, number);
  }
  const whole = bytes.subarray(0, bytes.length - ((5 - (text.length % 5)) % 5));
  const stream = new Blob([whole]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).json();
}

function element(name, text = "", style = "") {
  const node = document.createElement(name);
  node.textContent = text;
  if (style) node.className = style;
  return node;
}

// The terms of every kind with their forms and their hierarchy.
class Vocabulary {
  constructor(terms) {
    this.kinds = new Map(); // kind -> label -> term
    this.known = new Map(); // kind -> folded form -> label
    this.below = new Map(); // kind -> label -> labels directly below
    for (const term of terms) {
      term.forms = [term.label, ...(term.abbreviation ? [term.abbreviation] : []), ...(term.synonyms || [])];
      term.parents ??= [];
      if (!this.kinds.has(term.kind)) this.kinds.set(term.kind, new Map());
      this.kinds.get(term.kind).set(term.label, term);
    }
    for (const [kind, of] of this.kinds) {
      const below = new Map();
      for (const term of of.values())
        for (const parent of term.parents) below.set(parent, [...(below.get(parent) || []), term.label]);
      this.below.set(kind, below);
    }
  }

  // Labels are unique over all kinds.
  kindOf(label) { return [...this.kinds.keys()].find((kind) => this.kinds.get(kind).has(label)); }

  terms(kind) { return this.kinds.get(kind) || new Map(); }

  forms(kind) {
    if (!this.known.has(kind)) {
      const forms = new Map();
      const add = (form, label) => { if (!forms.has(fold(form))) forms.set(fold(form), label); };
      const all = [...this.terms(kind).values()];
      for (const term of all) add(term.label, term.label);
      for (const term of all) if (term.abbreviation) add(term.abbreviation, term.label);
      for (const term of all) for (const synonym of term.synonyms || []) add(synonym, term.label);
      this.known.set(kind, forms);
    }
    return this.known.get(kind);
  }

  resolve(kind, text) {
    return this.terms(kind).get(text) || this.terms(kind).get(this.forms(kind).get(fold(text)));
  }

  // All labels that can be reached from a label by `next`, nearest first.
  walk(label, next) {
    const found = new Set(), waiting = [...next(label)];
    while (waiting.length) {
      const here = waiting.shift();
      if (found.has(here) || here === label) continue;
      found.add(here);
      waiting.push(...next(here));
    }
    return [...found];
  }

  descendants(kind, label) {
    return this.walk(label, (one) => this.below.get(kind)?.get(one) || []);
  }

  ancestors(kind, label) {
    const terms = this.terms(kind);
    return this.walk(label, (one) => (terms.get(one)?.parents || []).filter((parent) => terms.has(parent)));
  }

  // Labels that a value stands for: the term itself, then what is narrower.
  expand(kind, text, exact) {
    const term = this.resolve(kind, text);
    const labels = term ? [term.label] : this.identified(kind, text);
    if (kind === "pathways" && !(exact && term)) labels.push(...this.pathwaysWith(text));
    if (!exact) for (const label of [...labels]) labels.push(...this.descendants(kind, label));
    return [...new Set(labels)];
  }

  identified(kind, curie) {
    const wanted = curie.trim().toLowerCase();
    const found = [...this.terms(kind).values()].filter((term) => term.xref?.toLowerCase() === wanted);
    const exact = found.filter((term) => term.xref_match === "exact");
    return (exact.length ? exact : found).map((term) => term.label);
  }

  pathwaysWith(member) {
    const molecule = this.resolve("molecules", member);
    const wanted = new Set([member, ...(molecule?.forms || [])].map(fold));
    return [...this.terms("pathways").values()].filter((term) =>
      [term.label, term.abbreviation].some((form) => form && membersOf(form).some((part) => wanted.has(fold(part)))),
    ).map((term) => term.label);
  }

  // The widest terms with every word of a text in one of their forms.
  candidates(kind, text) {
    const wanted = words(text);
    if (!wanted.length || text.trim().length < 3) return [];
    const found = new Set();
    for (const term of this.terms(kind).values())
      if (term.forms.some((form) => { const there = new Set(words(form)); return wanted.every((word) => there.has(word)); }))
        found.add(term.label);
    return [...found].filter((label) => !this.ancestors(kind, label).some((above) => found.has(above)));
  }
}

// JAK2/STAT3 signaling -> JAK2, STAT3.
function membersOf(label) {
  const members = [];
  for (const part of label.replace(/\s+(?:signaling|pathway|axis)$/, "").split("/")) {
    members.push(part);
    const pieces = part.split("-");
    if (pieces.length > 1 && pieces.every((piece) => piece.length > 1 && /[\p{L}\p{N}]$/u.test(piece)))
      members.push(...pieces);
  }
  return members;
}
