// --- filters: those of the command line -------------------------------------------------------
// What a value means is settled as in tdr/ask/meanings.py: facets of the index, and the labels that
// are looked for in them.

class Filters {
  constructor(data, vocabulary) {
    this.data = data;
    this.vocabulary = vocabulary;
    this.all = new Map(data.filters.map((entry) => [entry.name, entry]));
  }

  labels(facet) { return Object.keys(this.data.facets[facet]); }

  // The places of the claims that meet the filters, and what is wrong with their values.
  select(values, exact) {
    let fitting = new Set(this.data.claims.keys());
    const problems = [];
    for (const [name, wanted] of Object.entries(values)) {
      const entry = this.all.get(name), here = new Set();
      for (const value of wanted) {
        const meant = this.meaning(entry, value, exact);
        if (typeof meant === "string") problems.push([name, meant]);
        else for (const place of meant) here.add(place);
      }
      fitting = new Set([...fitting].filter((place) => here.has(place)));
    }
    return { fitting, problems };
  }

  // Places of the claims that a value of a filter stands for, or what is wrong with it.
  meaning(entry, value, exact) {
    const meant = this[entry.meaning](entry, value, exact);
    if (typeof meant === "string" || meant instanceof Set) return meant;
    return this.having(entry.facets, meant);
  }

  having(facets, labels) {
    return new Set(facets.flatMap((facet) => labels.flatMap((label) => this.data.facets[facet][label] || [])));
  }

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
    const therapy = this.therapyNamed(value);
    return therapy ? [therapy] : this.unknown(entry, value, entry.words);
  }

  therapyNamed(value) {
    const names = Object.entries(this.data.therapies);
    return names.find(([key, others]) => [key, ...others].some((name) => fold(name) === fold(value)))?.[0];
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
    const inside = this.labels("section").filter((name) => {
      const parts = name.split("/").map(fold);
      return wanted.every((part, n) => part === parts[n]) && (!exact || parts.length === wanted.length);
    });
    return inside.length ? inside : this.unknown(entry, value, this.labels("section"));
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
    const found = this.labels(entry.facets[0]).filter((phrase) => [...forms].some((form) => says(phrase, form)));
    return found.length ? found : `no intervention matches “${visible(value)}”`;
  }

  flag() { return ["yes"]; }

  // Whatever the value can be: a term of any kind, a therapy, part of an intervention or a step.
  anything(about, value, exact) {
    const found = new Set(), terms = new Set(), forms = new Set([value]);
    for (const { kind, counted, facets, meaning } of this.all.values()) {
      const labels = kind && counted ? this.vocabulary.meant(kind, value, exact)
        : meaning === "therapy" ? [this.therapyNamed(value)].filter(Boolean) : [];
      for (const label of labels) terms.add(label);
      for (const place of this.having(facets, labels)) found.add(place);
      if (kind && counted) for (const form of this.vocabulary.resolve(kind, value)?.forms || []) forms.add(form);
    }
    const key = (text) => (exact ? fold(text) : ` ${words(text).join(" ")} `);
    const names = [...forms].map(key).filter((name) => name.trim());
    const named = (text) => names.some((name) => (exact ? key(text) === name : key(text).includes(name)));
    for (const facet of about.facets) {
      const labels = this.labels(facet).filter((label) => terms.has(label) || named(label));
      for (const label of labels) terms.add(label);
      for (const place of this.having([facet], labels)) found.add(place);
    }
    return terms.size ? found : `“${visible(value)}” is the name of nothing here`;
  }
}
