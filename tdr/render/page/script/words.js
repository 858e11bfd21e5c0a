// --- what answers the words of a query, and how well ------------------------------------------
// tdr/ask/search/words.py, with its weights; a set of claims is a bitmap.

class Word {
  constructor(text, typed, isNoise) {
    Object.assign(this, { text, typed, isNoise, inName: false, isFragment: false, weight: 0 });
    this.answers = new Map(); // word of the index -> quality
    this.terms = new Map(); // kind\0label -> [kind, label, how far the word names it]
    this.levels = new Map(); // quality -> claims
    this.named = 0n; // claims that have a term of which it is (in) a name
    this.cited = 0n; // claims that rest on works by an author, or of a year, of this name
    this.stated = 0n; // claims that answer it by more than a definition
    this.guesses = [];
  }

  name(terms, share = 1) {
    for (const [kind, label] of terms) {
      const term = `${kind}\0${label}`;
      if (!this.terms.has(term)) this.terms.set(term, [kind, label, share]);
    }
  }

  level(quality, claims) {
    if (!claims) return;
    const rounded = roundedTo(quality, 3);
    this.levels.set(rounded, (this.levels.get(rounded) || 0n) | claims);
  }

  get met() { return union([...this.levels.values()]); }
}

// As Python rounds: exactly, and what stands in the middle goes to the even neighbour.
function roundedTo(number, digits = 0) {
  const scaled = number * 10 ** digits, below = Math.floor(scaled);
  const middle = scaled - below === 0.5 && Number.isInteger(number * 2 ** 20);
  return middle ? (below + (below % 2)) / 10 ** digits : Number(number.toFixed(digits));
}

class Words {
  constructor(index, query) {
    this.index = index;
    this.query = query;
    this.words = telling(query.words).map((text) =>
      new Word(text, query.typed.get(text) ?? text, tellsLittle(text)));
    const byText = new Map(this.words.map((word) => [word.text, word]));
    const runs = runsOf(query.words);
    for (const [name, run] of runs) if (run.length > 1 && index.knows(name)) this.join(byText, name, run);
    const alone = this.words.every((word) => word.text.length === 1);
    for (const word of this.words)
      if (word.text.length > 1 || /^\d$/.test(word.text) || alone) this.expand(word);
    this.name(byText, runs);
    for (const word of this.words) this.weigh(word);
    this.takeSides();
    this.weight = this.words.reduce((sum, word) => sum + word.weight, 0);
  }

  // The words that tell something, or all if none does.
  get telling() {
    const some = this.words.filter((word) => !word.isNoise);
    return some.length ? some : this.words;
  }

  // A compound that occurs answers each of its words; where all of them are short (IL 8, TGF b),
  // each alone says next to nothing.
  join(byText, name, run) {
    const fragments = run.every((token) => token.length <= W.LONGEST_FRAGMENT);
    for (const token of run) {
      const word = byText.get(token);
      if (!word) continue;
      word.answers.set(name, W.EXACT);
      word.isFragment ||= fragments;
    }
  }

  // Words of the index that answer a word: itself, sisters, beginnings, typing errors.
  expand(word) {
    const { text } = word, known = this.index.knows(text), found = new Map(known ? [[text, W.EXACT]] : []);
    const add = (other, quality) => { if (!found.has(other)) found.set(other, quality); };
    for (const sister of this.index.wordsWithStem(stemOf(text)))
      if (stemOf(text).length > W.SHORT_STEM || isEnding(text, sister)) add(sister, W.SISTER);
    const shortest = known ? W.SHORTEST_LONGER : W.SHORTEST_START + (this.words.length > 1);
    for (const longer of this.beginningWith(text, shortest)) // alone, it may just be begun
      add(longer, known ? W.LONGER : W.START);
    for (const part of this.components(text)) add(part, W.COMPONENT);
    for (const kin of W.KINDRED[stemOf(text)] || []) for (const sister of this.index.wordsWithStem(kin)) add(sister, W.KIN);
    word.cited = known ? 0n : this.index.claimsWith("byline", [text]);
    if (word.cited) {
      found.set(text, W.CITED);
      word.isNoise = false;
    } else if (!found.size && !word.answers.size)
      for (const [guess, distance] of this.guesses(text)) {
        found.set(guess, W.TYPO[distance]);
        word.guesses.push(guess);
      }
    for (const [answer, quality] of found)
      word.answers.set(answer, Math.max(word.isFragment ? quality * W.FRAGMENT : quality, word.answers.get(answer) || 0));
  }

  // What a word is put together of that tells something: radioresistance -> radio.
  *components(text) {
    for (let at = W.SHORTEST_COMPONENT; at <= text.length - W.SHORTEST_COMPONENT; at++) {
      const halves = [text.slice(0, at), text.slice(at)];
      if (halves.every((half) => this.index.knows(half))) yield* halves.filter((half) => !tellsLittle(half));
    }
  }

  // A number or sign does not go on (IL1, IL12; CD8, CD8-).
  *beginningWith(text, shortest) {
    if (text.length < Math.max(shortest, W.SHORTEST_START)) return;
    for (const longer of this.index.wordsFrom(text, W.MOST_WORDS)) {
      const following = longer.slice(text.length, text.length + 1);
      if (following !== ABSENT && !(/\d$/.test(text) && /\d/.test(following))) yield longer;
    }
  }

  guesses(text) {
    const short = /^\p{L}+$/u.test(text) && text.length < W.SHORTEST_TYPO_OF_LETTERS;
    if (short || asking.ENGLISH.has(text)) return [];
    const found = this.near(text, "name", W.TOLERANCE);
    return found.length || text.length < W.LONG_WORD ? found : this.near(text, "word", W.TOLERANCE_OF_WORDS);
  }

  // The words nearest to a text, with the number of errors; numbers and signs are no place for them.
  near(text, of, tolerance) {
    const most = Math.min(W.MOST_ERRORS, Math.floor(text.length * tolerance));
    if (!most || text.length < W.SHORTEST_TYPO) return [];
    const signs = (word) => word.replace(/\p{L}/gu, ""), own = signs(text);
    const found = [...this.index.spellings[of].keys()]
      .map((other) => [other, errors(text, other, most)]).filter(([, distance]) => distance <= most)
      .sort((a, b) => a[1] - b[1]).slice(0, 60)
      .filter(([other, distance]) => !asking.STOP_WORDS.has(other) && signs(other) === own
        && distance <= tolerance * Math.max(text.length, other.length)
        && (text.length < W.LONGER_THAN_A_SLIP ? distance < 2 && isASlip(text, other)
          : distance < 2 || other[0] === text[0]));
    return found.filter(([, distance]) => distance === found[0][1]).slice(0, W.MOST_GUESSES);
  }

  // Names of terms, of one word or several; a name within a longer one is part of it.
  name(byText, runs) {
    const longest = new Map();
    for (const [name, run] of [...runs].sort(([, a], [, b]) => b.length - a.length)) {
      const terms = this.index.termsNamed(name);
      if (!terms.length) continue;
      for (const token of run) {
        const word = byText.get(token);
        if (!word) continue;
        word.inName ||= run.length > 1;
        if (!longest.has(token)) longest.set(token, run.length);
        word.name(terms, run.length < longest.get(token) ? W.PART : 1);
      }
      const first = byText.get(run[0]);
      if (run.length > 1 && run.every(tellsLittle) && first) first.isNoise = false; // `T cell` tells something
    }
  }

  weigh(word) {
    const { index } = this;
    const part = word.inName ? W.PART : 1; // what is part of a longer name is best answered by the whole name
    for (const [answer, quality] of word.answers)
      for (const [field, factor] of Object.entries(W.FIELD_QUALITY))
        word.level(quality * factor * part, index.claimsWith(field, [answer]));
    word.level(W.CITED, word.cited);
    if (word.cited) word.level(W.LED, index.claimsWith("leading", [word.text]));
    if (!word.levels.size && !word.terms.size) // a name, begun or misspelt, that no claim has
      for (const answer of word.answers.keys()) word.name(index.termsNamed(answer));
    const terms = [...word.terms.values()];
    for (const [kind, label, share] of terms) {
      word.level(W.TERM * share, index.claimsNaming(kind, [label]));
      word.level(W.NARROWER * share, index.within(kind, label));
      word.level(W.IN_TITLE * share, index.claimsWith("titled", [`${kind}/${label}`]));
      word.named |= index.within(kind, label);
    }
    const quality = word.levels.size ? W.BROADER : W.CLASS; // where no claim says it, the class is the answer
    for (const [kind, label, share] of terms) {
      const wider = index.claimsNaming(kind, index.vocabulary.terms(kind).get(label)?.parents || []);
      word.level(quality * share, wider);
      word.named |= wider;
    }
    word.stated = word.met;
    const alike = [...word.answers].filter(([, one]) => one === W.EXACT || one === W.SISTER).map(([answer]) => answer);
    if (!word.guesses.length) word.level(W.GLOSS, index.claimsWith("gloss", alike));
    const total = Math.max(1, index.size), answered = countOf(word.stated || word.met);
    word.weight = answered ? Math.log(1 + total / answered) : W.UNKNOWN * Math.log(1 + total);
    if (word.isNoise) word.weight = W.NOISE * Math.min(word.weight, 1);
  }

  // One word more for the side that the query takes, of claims that are about it at all.
  takeSides() {
    const { side, subjects } = this.query, { index } = this;
    if (!side) return;
    const answer = new Word("", "", true);
    const telling = union(this.words.filter((word) => !word.isNoise).map((word) => word.met));
    const about = telling || index.everything;
    if (subjects.length)
      answer.level(1, about & union(subjects.map((cell) => index.claimsWith(side, index.withNarrower("cells", cell)))));
    else if (side === "promotes") {
      answer.level(1, about & index.claimsWith("effect", ["resistance"]));
      answer.level(W.SIDE_ALONE, about & index.claimsWith(side, index.labels(side)));
    } else {
      const countered = index.claimsWith("countered_by", index.labels("countered_by"));
      answer.level(1, about & (index.claimsWith("effect", ["sensitivity"]) | countered));
    }
    answer.weight = W.SIDE;
    this.words.push(answer);
  }

  // The claims that answer every telling word, or have a term that the query names in full.
  onTheSubject() {
    const works = this.telling.every((word) => word.cited); // an author is as good as a name then
    return union(this.telling.map((word) => (works && !/^\d+$/.test(word.text) ? word.named | word.cited : word.named)))
      | this.telling.reduce((every, word) => every & word.stated, this.index.everything);
  }

  // What words were taken to be that occur nowhere, and names that no claim has.
  corrections() {
    const { spellings, vocabulary } = this.index;
    const spelled = (word) => spellings.name.get(word) ?? spellings.word.get(word) ?? word;
    const corrected = this.words.filter((word) => word.guesses.length)
      .map((word) => `${word.typed}: ${word.guesses.map(spelled).join(", ")}`);
    const absent = this.absent()
      .map(({ terms: [[kind, label]] }) => {
        const wider = vocabulary.terms(kind).get(label)?.parents || [];
        return `${label}: in no claim${wider.length ? `; wider: ${wider.join(", ")}` : ""}`;
      });
    return [...corrected, ...absent];
  }

  // The query with unknown words replaced by the nearest word of a name, if there is one; a word of
  // English only by what claims say (beast: breast, not fusion: fusin).
  suggestion() {
    const nearest = new Map();
    for (const { text, answers, terms } of this.words) {
      if (!text || answers.size || terms.size) continue;
      const likely = this.near(text, "name", W.FAR).find(([other]) =>
        !tellsLittle(other) && (this.index.claimsWith("word", [other]) || !asking.ENGLISH.has(text)));
      if (likely) nearest.set(text, this.index.spellings.name.get(likely[0]));
    }
    const { words, typed } = this.query;
    return nearest.size ? words.map((word) => nearest.get(word) ?? typed.get(word) ?? word).join(" ") : "";
  }

  // The names in the query that no claim has.
  absent() {
    return this.query.names.filter(({ terms }) => !terms.some(([kind, label]) => this.index.within(kind, label)));
  }

  // The words that tell something and that nothing answers, but for names in no claim.
  unknown() {
    const absent = new Set(this.absent().flatMap(({ start, end }) => this.query.words.slice(start, end)));
    return this.telling.filter((word) => word.text && !word.levels.size && !absent.has(word.text)).map((word) => word.typed);
  }
}

function isEnding(one, other) {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  return long.startsWith(short) && long.length - short.length <= W.MOST_ENDING;
}

// Whether letters were left out, added or swapped, but not the first.
function isASlip(text, other) {
  const sorted = (word) => [...word].sort().join("");
  return text[0] === other[0] && (text.length !== other.length || sorted(text) === sorted(other));
}
