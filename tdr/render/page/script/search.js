// --- search: which claims say something like these words, best first --------------------------
// tdr/ask/search/__init__.py, which adds up whole bitmaps; here each of the few claims has its sum.

const least = (score) => Math.max(1, roundedTo((score * S.FULL) / 100));

class Search {
  constructor(data, index) {
    this.data = data;
    this.index = index;
  }

  // The claims among some that answer a text, the best first; the last of them, `weak`, answer
  // little of it. With what there is to say, and the words of the index that answered.
  answer(text, claims) {
    const named = /\d/.test(text) && chunksOf(text).length < 3 && this.identified(text.trim(), claims);
    if (named) return { ...named, weak: 0, answers: new Set() };
    if (!tokensOf(text).length)
      return { claims: [], weak: 0, messages: ["no letter or digit to search for"], answers: new Set() };
    const query = askedBy(text, this.index), leftOut = [];
    let within = bitsOf(claims);
    for (const one of query.unwanted) {
      const out = this.leftOut(one) & within, number = countOf(out);
      within &= ~out;
      leftOut.push(`${one.terms[0]?.[1] ?? one.word} (${number} claim${number === 1 ? "" : "s"})`);
    }
    const words = new Words(this.index, query);
    const ranked = this.ranked(claims.filter((claim) => claim.bit & within), words, query);
    const subject = words.onTheSubject();
    const isGood = ({ score, claim }) =>
      score >= least(S.HALF) || (score >= least(S.MIN_SCORE) && (claim.bit & subject) !== 0n);
    const best = ranked.filter(isGood), good = best.length;
    const shown = [...best, ...ranked.filter((one) => !isGood(one)).slice(0, Math.max(0, S.ENOUGH - good))];
    const filters = asFilters(query, this.data), suggestion = good ? "" : words.suggestion();
    const messages = [
      ...(leftOut.length ? [`left out: ${leftOut.join(", ")}`] : []),
      ...(filters ? [`as filters: ${filters}`] : []),
      ...words.corrections(),
      ...words.unknown().map((word) => `${word}: found nowhere`),
      ...(suggestion ? [`did you mean “${suggestion}”?`] : []),
    ];
    return {
      claims: shown.map(({ claim }) => claim),
      weak: shown.length - good,
      messages: messages.map(visible),
      answers: new Set(words.words.flatMap((word) => [...word.answers.keys()])),
    };
  }

  // By score, then by how many neighbours in the query are neighbours in the claim, then by id.
  ranked(claims, words, query) {
    const sums = this.sums(words), tied = new Map();
    const scored = claims.map((claim) => ({ claim, score: Math.min(sums.get(claim.number) || 0, S.FULL) }))
      .filter(({ score }) => score >= least(S.MIN_WEAK));
    for (const { score } of scored) tied.set(score, (tied.get(score) || 0) + 1);
    const pairs = [...new Set(pairsOf(query.words))];
    for (const one of scored) {
      const several = tied.get(one.score) > 1 && tied.get(one.score) <= S._MOST_TIED;
      one.phrases = several ? pairs.filter((pair) => this.pairsIn(one.claim).has(pair)).length : 0;
    }
    return scored.sort((a, b) => b.score - a.score || b.phrases - a.phrases
      || (a.claim.record.id < b.claim.record.id ? -1 : 1));
  }

  // Number of a claim -> the share of the query that it answers, in thousandths: a word adds its
  // weight times the best quality with which the claim answers it.
  sums({ words, weight }) {
    const sums = new Map();
    for (const word of words) {
      let rest = this.index.everything;
      for (const [quality, bits] of [...word.levels].sort(([a], [b]) => b - a)) {
        const share = Math.ceil((S.FULL * quality * word.weight) / weight);
        for (const number of numbersOf(bits & rest)) sums.set(number, (sums.get(number) || 0) + share);
        rest &= ~bits;
      }
    }
    return sums;
  }

  // The claim with this id, or those that rest on the paper with this identifier, and what it is.
  identified(text, claims) {
    const { data } = this, known = data.claims.some(({ record }) => record.id === text.toLowerCase());
    if (known) {
      const own = claims.filter(({ record }) => record.id === text.toLowerCase());
      return { claims: own, messages: [`${text}: a claim${own.length ? "" : ", but not one of these"}`] };
    }
    const [field, value] = identifierOf(text);
    if (!field) return null;
    const names = bearing(data.references, field, value);
    if (!names.length) return /^\d+$/.test(text) ? null : { claims: [], messages: [`${text}: in no reference`] };
    const behind = claims.filter((claim) => claim.names.some((name) => names.includes(name)));
    const where = `${text}: reference ${names.join(", ")}`;
    return { claims: behind, messages: [behind.length ? where : `${where}, behind none of these claims`] };
  }

  leftOut({ word, terms }) {
    const { index } = this;
    let bits = union(terms.map(([kind, label]) => index.within(kind, label)));
    const names = [word, ...terms.map(([, label]) => label)].filter((name) => !asking.STOP_WORDS.has(name));
    const therapy = names.map((name) => therapyNamed(name, this.data.therapies)).find(Boolean);
    if (therapy) bits |= index.claimsWith("therapy", [therapy]);
    if (terms.length || therapy) return bits;
    const alike = [word, ...index.wordsWithStem(stemOf(word))];
    return union(index.wordFields.filter((field) => field !== "title").map((field) => index.claimsWith(field, alike)));
  }

  // The words that are neighbours in a claim.
  pairsIn(claim) {
    const { mechanism, promotes, opposes, countered_by } = claim.record;
    return (claim.pairs ??= new Set([mechanism, ...promotes, ...opposes, ...countered_by].flatMap((text) => pairsOf(tokensOf(text)))));
  }
}

function pairsOf(words) {
  const stems = words.map(stemOf);
  return stems.slice(1).map((stem, n) => `${stems[n]} ${stem}`);
}

// Ranges of the words in a row that answer.
function marks(row, answers) {
  const ranges = [];
  const walk = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode())
    for (const match of node.data.matchAll(/\S+/g))
      if (wordsOfChunk(match[0]).some((word) => answers.has(word))) {
        const range = new Range();
        range.setStart(node, match.index);
        range.setEnd(node, match.index + match[0].length);
        ranges.push(range);
      }
  return ranges;
}
