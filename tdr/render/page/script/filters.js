// --- filters: those of the command line -------------------------------------------------------
// What a value means is settled as in tdr/ask/meanings.py: facets of the index, and the labels that
// are looked for in them.

class Filters {
  constructor(data, index) {
    this.data = data;
    this.index = index;
    this.vocabulary = index.vocabulary;
    this.all = new Map(data.filters.map((entry) => [entry.name, entry]));
  }

  // The claims of the page that meet the filters, and what is wrong with their values.
  select(values, exact) {
    let fitting = this.index.page;
    const problems = [];
    for (const [name, wanted] of Object.entries(values)) {
      let here = 0n;
      for (const value of wanted) {
        const meant = this.meaning(this.all.get(name), value, exact);
        if (typeof meant === "string") problems.push([name, meant]);
        else here |= meant;
      }
      fitting &= here;
    }
    return { fitting, problems };
  }

  // The claims that a value of a filter stands for, or what is wrong with it.
  meaning(entry, value, exact) {
    const meant = this[entry.meaning](entry, value, exact);
    return Array.isArray(meant) ? this.having(entry.facets, meant) : meant;
  }

  having(facets, labels) { return union(facets.map((facet) => this.index.bits(facet, labels))); }

  unknown(entry, value, known) {
    const hint = known.length ? `; one of ${known.slice(0, 8).join(", ")}` : "";
    return `unknown ${entry.name.replace("_", " ")} “${visible(value)}”${visible(hint)}`;
  }

  term({ kind, name }, value, exact) {
    const labels = this.vocabulary.meant(kind, value, exact);
    if (labels.length) return labels;
    const candidates = this.vocabulary.candidates(kind, value);
    if (candidates.length === 1) return this.vocabulary.meant(kind, candidates[0], exact);
    return this.unknown({ name }, value, candidates);
  }

  therapy(entry, value) {
    const therapy = therapyNamed(value, this.data.therapies);
    return therapy ? [therapy] : this.unknown(entry, value, entry.words);
  }

  word(entry, value) {
    const word = entry.words.find((one) => fold(one) === fold(value));
    return word ? [word] : this.unknown(entry, value, entry.words);
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
    return inside.length ? inside : this.unknown(entry, value, this.index.labels("section"));
  }

  reference(entry, value) {
    const by = value.trim().match(/^(?:doi:\s*|https?:\/\/(?:dx\.)?doi\.org\/)?(10\.\d{4,9}\/\S+)$/i) ? "doi"
      : /^(?:pmid|pubmed):?\s*\d+$/i.test(value.trim()) ? "pmid" : "";
    const references = Object.entries(this.data.references);
    if (by) {
      const wanted = value.trim().replace(by === "doi" ? /^.*?(?=10\.)/ : /^\D+/, "").toLowerCase();
      const found = references.filter(([, one]) => (one[by] || "").toLowerCase() === wanted).map(([name]) => name);
      return found.length ? found : `no reference has the ${by.toUpperCase()} “${visible(wanted)}”`;
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
      for (const [name] of references) {
        const number = Number(name.slice(key.length));
        if (name === `${key}${number}` && from <= number && number <= to) found.push(name);
      }
    }
    return found;
  }

  year(entry, value) {
    const match = value.replace(/ /g, "").replace(/[‐‑‒–—−]/g, "-").match(/^(\d{4})?(-)?(\d{4})?$/);
    if (!match || !(match[1] || match[3])) return `“${visible(value)}” is not a year; write 2022, 2018-2020 or 2022-`;
    const first = Number(match[1] || 0), last = Number(match[3] || (match[2] ? 9999 : first));
    return Object.entries(this.data.references)
      .filter(([, one]) => one.year !== null && first <= one.year && one.year <= last).map(([name]) => name);
  }

  phrase(entry, value) {
    const forms = new Set([value]);
    for (const kind of ["agents", "molecules", "cells"])
      for (const form of this.vocabulary.resolve(kind, value)?.forms || []) forms.add(form);
    const found = this.index.labels(entry.facets[0]).filter((phrase) => [...forms].some((form) => says(phrase, form)));
    return found.length ? found : `no intervention matches “${visible(value)}”`;
  }

  flag() { return ["yes"]; }

  // Whatever the value can be: a term of any kind, a therapy, part of an intervention or a step.
  anything(about, value, exact) {
    const terms = new Set(), forms = new Set([value]);
    let found = 0n;
    for (const { kind, counted, facets, meaning } of this.all.values()) {
      const labels = kind && counted ? this.vocabulary.meant(kind, value, exact)
        : meaning === "therapy" ? [therapyNamed(value, this.data.therapies)].filter(Boolean) : [];
      for (const label of labels) terms.add(label);
      found |= this.having(facets, labels);
      if (kind && counted) for (const form of this.vocabulary.resolve(kind, value)?.forms || []) forms.add(form);
    }
    const key = (text) => (exact ? fold(text) : ` ${words(text).join(" ")} `);
    const names = [...forms].map(key).filter((name) => name.trim());
    const named = (text) => names.some((name) => (exact ? key(text) === name : key(text).includes(name)));
    for (const facet of about.facets) {
      const labels = this.index.labels(facet).filter((label) => terms.has(label) || named(label));
      for (const label of labels) terms.add(label);
      found |= this.having([facet], labels);
    }
    return terms.size ? found : `“${visible(value)}” is the name of nothing here`;
  }
}

function therapyNamed(value, therapies) {
  const names = Object.entries(therapies);
  return names.find(([key, others]) => [key, ...others].some((name) => fold(name) === fold(value)))?.[0];
}
