// --- the index: facets and words of the evidence, each with the claims that have it -----------
// The bitmaps of tdr/index, for all claims of the evidence, be they on the page or not.

const LONGEST_RUN = 3, SHORTEST_STEM = 4;

function numbersOf(bits) {
  const text = bits.toString(2), found = [];
  for (let at = text.indexOf("1"); at >= 0; at = text.indexOf("1", at + 1)) found.push(text.length - 1 - at);
  return found;
}

const countOf = (bits) => bits.toString(2).replaceAll("0", "").length;
const union = (bitmaps) => bitmaps.reduce((all, bits) => all | bits, 0n);
const bitsOf = (claims) => union(claims.map((claim) => claim.bit));

const chunksOf = (text) => text.split(/\s+/).filter(Boolean);
const tokensOf = (text) => chunksOf(text).flatMap(words);

// TGF-β -> tgf, b, tgfb.
const wordsOfChunk = remembered((chunk) => {
  const folded = words(chunk), runs = [...folded];
  if (folded.length < 2) return folded.every((word) => asking.STOP_WORDS.has(word)) ? [] : folded;
  for (let start = 0; start < folded.length; start++)
    for (let end = start + 2; end <= Math.min(start + LONGEST_RUN, folded.length); end++)
      runs.push(folded.slice(start, end).join(""));
  return runs;
});

// Folded words of a text with their spelling there.
function spellingsOf(text) {
  return chunksOf(text).flatMap((chunk) => {
    const folded = words(chunk), written = chunk.match(/[\p{L}\p{N}]+(?:['’]\p{L}+)*[+⁺]*/gu) || [];
    return folded.length === written.length ? folded.map((word, n) => [word, written[n]]) : [[folded.join(""), chunk]];
  });
}

// The stem of a word: senescent, senescence -> senesc.
const stemOf = remembered((word) => {
  const ending = /^\p{L}+$/u.test(word) && word.slice(SHORTEST_STEM).match(tables.ending);
  return ending ? word.slice(0, -ending[0].length) : word;
});

class Index {
  constructor(data, vocabulary) {
    this.vocabulary = vocabulary;
    this.size = data.total;
    this.everything = (1n << BigInt(data.total)) - 1n;
    this.page = union(data.claims.map((claim) => 1n << BigInt(claim.number)));
    this.facets = new Map(Object.entries(data.facets).map(([facet, groups]) =>
      [facet, new Map(groups.flatMap(([distances, labels]) => {
        let at = 0;
        const bits = union(distances.map((distance) => 1n << BigInt((at += distance))));
        return labels.map((label) => [label, bits]);
      }))]));
    this.spellings = {};
    for (const [of, lines] of Object.entries(data.spellings))
      this.spellings[of] = new Map(lines.split("\n").map((line) => line.split("\t")).map(([word, text]) => [word, text ?? word]));
    this.wordFields = data.word_fields;
  }

  labels(facet) { return [...this.facets.get(facet).keys()]; }

  // The claims that have at least one of these labels in a facet.
  claimsWith(facet, labels) {
    const members = this.facets.get(facet);
    return union(labels.map((label) => members.get(label) || 0n));
  }

  // The claims that have at least one of these terms themselves, in whatever field.
  claimsNaming(kind, labels) {
    return union((kind === "cells" ? ["promotes", "opposes"] : [kind]).map((facet) => this.claimsWith(facet, labels)));
  }

  withNarrower(kind, label) { return [label, ...this.vocabulary.descendants(kind, label)]; }

  within(kind, label) { return this.claimsNaming(kind, this.withNarrower(kind, label)); }

  // What only a search needs is made when there is one.
  get searched() { return (this.made ??= this.makeWords()); }

  makeWords() {
    const names = new Map(), known = new Set(this.wordFields.flatMap((field) => this.labels(field)));
    for (const [kind, terms] of this.vocabulary.kinds)
      for (const { label, forms } of terms.values())
        for (const form of forms) {
          const key = tokensOf(form).join(""), bearers = names.get(key) || [];
          if (!bearers.some(([of, other]) => of === kind && other === label)) names.set(key, [...bearers, [kind, label]]);
          for (const chunk of chunksOf(form)) for (const word of wordsOfChunk(chunk)) known.add(word);
        }
    const stems = new Map();
    for (const word of known) {
      const stem = stemOf(word);
      if (stems.has(stem)) stems.get(stem).push(word);
      else stems.set(stem, [word]);
    }
    const sorted = [...known].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
    return { names, known, stems, sorted };
  }

  knows(word) { return this.searched.known.has(word); }

  termsNamed(key) { return this.searched.names.get(key) || []; }

  wordsWithStem(stem) { return this.searched.stems.get(stem) || []; }

  // The words that begin so, shortest first.
  wordsFrom(start, limit) {
    return this.searched.sorted.filter((word) => word.startsWith(start)).slice(0, limit);
  }
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
