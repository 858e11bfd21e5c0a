// --- filters: those of the command line -------------------------------------------------------
// What a value means is settled as in tdr/ask/filter_values.py: facets of the index, and the labels that
// are looked for in them.

const PAIRS = [{ name: "with", option: "--with", meaning: "pair" }, { name: "not", option: "--not", meaning: "pair" }];

class Filters {
  constructor(data, index) {
    this.data = data;
    this.index = index;
    this.vocabulary = index.vocabulary;
    const known = [...data.filters, ...PAIRS].filter(({ meaning }) => meaning in this);
    this.all = new Map(known.map((entry) => [entry.name, entry]));
  }

  // The claims of the page that meet the filters, how values were understood, what is wrong with them.
  select(values, exact) {
    let fitting = this.index.page;
    const problems = [], expansions = new Set();
    for (const [name, wanted] of Object.entries(values)) {
      const met = wanted.map((value) => {
        const { bits, expansion, wrong } = this.meaning(this.all.get(name), value, exact);
        if (wrong) problems.push([name, wrong]);
        if (expansion) expansions.add(expansion);
        return bits;
      });
      if (name === "with") for (const bits of met) fitting &= bits;
      else fitting &= name === "not" ? ~union(met) : union(met);
    }
    return { fitting, expansions: [...expansions], problems };
  }

  // What a value of a filter stands for: its claims, and a sentence on it, if there is one to say,
  // or what is wrong with it.
  meaning(entry, value, exact) {
    const found = this[entry.meaning](entry, value, exact);
    if (typeof found === "string") return { bits: 0n, wrong: found };
    if (!Array.isArray(found)) return found;
    return { bits: this.claimsWith(entry.facets, found[0]), expansion: found[1] };
  }

  // `cell=CAF` behind --with and --not; a flag stands alone.
  pair({ option }, text, exact) {
    const [, name, value] = text.match(/^[\s-]*([^=]*?)\s*(?:=(.*))?$/s);
    const entry = this.all.get(name.replaceAll("-", "_"));
    if (!entry || entry.meaning === "pair") return `unknown filter “${visible(name)}”`;
    if (value === undefined && entry.meaning !== "flag") return `“${visible(text)}”: write FIELD=VALUE`;
    return this.meaning(entry, value ?? "yes", exact);
  }

  claimsWith(facets, labels) { return union(facets.map((facet) => this.index.claimsWith(facet, labels))); }

  unknown(entry, value, known) {
    const hint = known.length ? `; one of ${known.slice(0, 8).join(", ")}` : "";
    return `unknown ${entry.name.replace("_", " ")} “${visible(value)}”${visible(hint)}`;
  }

  term({ kind, name }, value, exact) {
    let labels = this.vocabulary.expand(kind, value, exact);
    if (!labels.length) {
      const candidates = this.vocabulary.candidates(kind, value);
      if (candidates.length !== 1) return this.unknown({ name }, value, candidates);
      labels = this.vocabulary.expand(kind, candidates[0], exact);
    }
    const { index } = this, [first, ...narrower] = labels;
    const named = (label) => index.claimsNaming(kind, [label]) !== 0n;
    const does = this.naming(kind, labels);
    if (!labels.some(named)) {
      const wider = this.vocabulary.ancestors(kind, first).filter((one) => index.within(kind, one));
      const as = name === "promotes" || name === "opposes" ? "cell" : name;
      return [labels, `${value}: ${[`in no claim as ${as}`, ...does, ...wider.slice(0, 1).map((one) => `wider: ${one}`)].join("; ")}`];
    }
    const there = [first, ...narrower.filter(named)], others = there.slice(1);
    const rest = others.length > 4 ? `${others.length} narrower ${kind}` : others.join(", ");
    const parts = others.length ? [`${first} + ${rest}`] : fold(first) === fold(value) ? [] : [first];
    parts.push(...does.map((one) => one.replace(/^(.*?) (names|does)/, "in no claim of $1, which $2")));
    return [labels, parts.length ? `${value}: ${parts.join("; ")}` : ""];
  }

  // Where a source that has no claim on these names the first of them, or that it does not.
  naming(kind, labels) {
    const claims = this.index.claimsNaming(kind, labels);
    return Object.entries(this.data.naming)
      .filter(([key, { does }]) => labels[0] in does && !(claims & this.index.claimsWith("source", [key])))
      .map(([, { who, does }]) => `${who} ${does[labels[0]]}`);
  }

  therapy(entry, value) {
    const therapy = therapyNamed(value, this.data.therapies);
    return therapy ? [[therapy]] : this.unknown(entry, value, entry.words);
  }

  word(entry, value) {
    const word = entry.words.find((one) => fold(one) === fold(value));
    return word ? [[word]] : this.unknown(entry, value, entry.words);
  }

  source(entry, value) {
    return this.word({ ...entry, words: this.data.sources }, value);
  }

  section(entry, value, exact) {
    const wanted = value.trim().replace(/^[ /]+|[ /]+$/g, "").split("/").map(fold);
    const inside = this.index.labels("section").filter((name) => {
      const parts = name.split("/").map(fold);
      return wanted.every((part, n) => part === parts[n]) && (!exact || parts.length === wanted.length);
    });
    return inside.length ? [inside] : this.unknown(entry, value, this.index.labels("section"));
  }

  reference(entry, value) {
    const { references } = this.data, [field, wanted] = /^\d+$/.test(value) ? [] : identifierOf(value);
    if (field) {
      const found = bearing(references, field, wanted);
      return found.length ? [found, `${value.trim()}: reference ${found.join(", ")}`]
        : `no reference has the ${field.toUpperCase()} “${visible(wanted)}”`;
    }
    let [key, numbers] = value.includes(":") ? value.trim().split(/:(.*)/s) : ["", value.trim()];
    const first = this.data.sources[0];
    if (key) {
      const source = this.data.sources.find((one) => fold(one) === fold(key));
      if (!source) return this.unknown({ name: "source" }, key, this.data.sources);
      key = source === first ? "" : `${source}:`;
    }
    const found = [];
    for (const part of numbers.replace(/^\[|\]$/g, "").split(",")) {
      const match = part.trim().replace(/[‐‑‒–—−]/g, "-").match(/^([1-9]\d{0,5})(?:-([1-9]\d{0,5}))?$/);
      if (!match) return `“${visible(value)}” is not a reference; write 20, 51-54 or 13,57`;
      const [from, to] = [Number(match[1]), Number(match[2] || match[1])];
      for (const name of Object.keys(references)) {
        const number = Number(name.slice(key.length));
        if (name === `${key}${number}` && from <= number && number <= to) found.push(name);
      }
    }
    return found.length ? [found, this.data.sources.length > 1 && !value.includes(":") ? `${value}: of ${first}` : ""]
      : `no claim here has the reference ${visible(value)}`;
  }

  year(entry, value) {
    const match = value.replace(/ /g, "").replace(/[‐‑‒–—−]/g, "-").match(/^(\d{4})?(-)?(\d{4})?$/);
    if (!match || !(match[1] || match[3])) return `“${visible(value)}” is not a year; write 2022, 2018-2020 or 2022-`;
    const first = Number(match[1] || 0), last = Number(match[3] || (match[2] ? 9999 : first));
    return [Object.entries(this.data.references)
      .filter(([, one]) => one.year !== null && first <= one.year && one.year <= last).map(([name]) => name)];
  }

  phrase(entry, value) {
    const forms = new Set();
    for (const kind of ["agents", "molecules", "cells"])
      for (const form of this.vocabulary.resolve(kind, value)?.forms || []) forms.add(form);
    const found = phrasesWith(this.index.labels(entry.facets[0]), value, forms);
    const expansion = found.length === 1 && fold(found[0]) === fold(value) ? "" : `${value}: ${found.join(", ")}`;
    return found.length ? [found, expansion] : `no intervention matches “${visible(value)}”`;
  }

  flag(entry, value) { return value === "yes" ? [["yes"]] : `${entry.option} takes no value`; }

  // Whatever the value can be: a term of any kind, a therapy, part of an intervention or a step.
  anything(about, value, exact) {
    const labels = new Map(), forms = new Set([value]); // facet -> labels
    for (const { kind, counted, facets, meaning } of this.all.values()) {
      if (kind && counted) {
        for (const facet of facets) labels.set(facet, this.vocabulary.expand(kind, value, exact));
        for (const form of this.vocabulary.resolve(kind, value)?.forms || []) forms.add(form);
      } else if (meaning === "therapy") labels.set(facets[0], [therapyNamed(value, this.data.therapies)].filter(Boolean));
    }
    const terms = new Set([...labels.values()].flat());
    const key = (text) => (exact ? fold(text) : ` ${words(text).join(" ")} `);
    const isLetter = (name) => !exact && [...fold(name)].length === 1;
    const names = [...forms].filter((name) => fold(name) && !isLetter(name)).map(key);
    const alone = [...forms].filter(isLetter).flatMap((name) => [...letters(name)]);
    const named = (text) => names.some((name) => (exact ? key(text) === name : key(text).includes(name))) ||
      alone.some((letter) => letters(text).has(letter));
    for (const facet of about.facets)
      labels.set(facet, this.index.labels(facet).filter((label) => terms.has(label) || named(label)));
    if (![...labels.values()].some((some) => some.length)) return `“${visible(value)}” is the name of nothing here`;
    const there = [...labels].filter(([facet, some]) => this.index.claimsWith(facet, some));
    const where = there.map(([facet]) => facet.replaceAll("_", " ")).join(", ");
    return { bits: union(there.map(([facet, some]) => this.index.claimsWith(facet, some))), expansion: `${value}: in ${where || "no claim"}` };
  }
}

function therapyNamed(value, therapies) {
  const names = Object.entries(therapies);
  return names.find(([key, others]) => [key, ...others].some((name) => fold(name) === fold(value)))?.[0];
}

// The identifier of a paper that a text is: the field of a reference that has it, and its value.
function identifierOf(text) {
  const forms = {
    pmid: /^(?:pmid:?\s*|pubmed:?\s*|https?:\/\/pubmed\.ncbi\.nlm\.nih\.gov\/|(?=\d{5}))(\d{1,9})\/?$/i,
    pmcid: /^(?:pmcid:?\s*|https?:\/\/(?:pmc|www)\.ncbi\.nlm\.nih\.gov\/(?:pmc\/)?articles\/)?(pmc\d{1,9})\/?$/i,
    doi: /^(?:doi:\s*|https?:\/\/(?:dx\.)?doi\.org\/)?(10\.\d{4,9}\/\S+)$/i,
  };
  for (const [field, form] of Object.entries(forms)) {
    const match = text.trim().match(form);
    if (match) return [field, match[1]];
  }
  return [];
}

const bearing = (references, field, value) =>
  Object.keys(references).filter((name) => references[name][field]?.toLowerCase() === value.toLowerCase());
