// --- text: one notation for all ---------------------------------------------------------------
// `fold` and `words` of tdr/model/text.py, with the same tables, which come with the data.

const ABSENT = "¬";
let tables, asking, W, S; // lists of words and weights of the program: they come with the data

const BRAND = /[®™©℠℗Ⓡⓡ]|(?<=[a-z])\((?:r|tm)\)/gu;
const MINUS = /(?<=[\p{L}\p{N}])-(?=[/,;)\]]|\s(?!\s*[α-ω])|$)|(?<=\d[a-z]?)-(?=(?:cd\d+[a-z]{0,2}|hla-dr)(?:\+|-(?![\p{L}\p{N}])|hi|lo|dim|bright))/gu;
const SUPER_MINUS = /⁻(?![⁰¹²³⁴-⁹])/gu;
const BETA = /(?<!\p{L}[aeiouyäöü])ß/giu;
const KANA_DASH = /(?<![\u3040-\u30ff])ー/gu;
const WORD = /[\p{L}\p{N}]+(?:['’]\p{L}+)*(?:[)\]]?[+¬])*/gu;
const SPELLED_GREEK =
  /a(?:lpha)+|b(?:eta)+|g(?:amma)+|d(?:elta)+|e(?:psilon)+|z(?:eta)+|k(?:appa)+|l(?:ambda)+/g;
const LONGEST_NAME = 400;

const mapped = (text, table) => text.replace(/[^\x00-\x7f]/gu, (char) => table[char] ?? char);
const casefolded = (text) => text.replace(/ß/g, "ss").toLowerCase().replace(/ς/g, "σ");

function cleaned(text) {
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase().replace(BRAND, "").replace(MINUS, ABSENT);
  let clean = text.replace(BRAND, "").replace(SUPER_MINUS, ABSENT);
  clean = mapped(clean.replace(BETA, "β"), tables.look_alikes);
  clean = casefolded(clean.normalize("NFKC")).normalize("NFKD");
  clean = casefolded(mapped(casefolded(clean.replace(/[\u0300-\u036f]+/g, "")), tables.look_alikes));
  clean = mapped(clean, tables.dashes).replace(KANA_DASH, "-").replace(BRAND, "");
  return mapped(clean, tables.latin).replace(MINUS, ABSENT).normalize("NFKC");
}

function american(key) {
  for (const [british, other] of Object.entries(tables.british)) key = key.replaceAll(british, other);
  return key.replace(/[iy]s(?=e|ing|ation)/g, (found, at) => {
    const before = key.slice(0, at), after = key.slice(at + 2);
    if (found === "ys") {
      const verb = tables.yze.some((stem) => before.endsWith(stem)) && after !== "es";
      return verb ? "yz" : found;
    }
    const verb = before.length > 3 && tables.ize.some((stem) => before.endsWith(stem)) && !before.endsWith("prom");
    return verb || after.startsWith("ation") ? "iz" : found;
  });
}

function singular(key) {
  if (!key.endsWith("s") || key.length < 3) return key;
  const before = key.at(-2), third = key.at(-3), short = key.length === 3;
  if (before === "e" && !short) {
    if (tables.sis.some((end) => key.endsWith(end))) return key.slice(0, -2) + "is";
    if (tables.es.some((end) => key.endsWith(end)) && !key.endsWith("niches")) return key.slice(0, -2);
    return key.endsWith("ies") && key.length > 4 ? key.slice(0, -3) + "y" : key.slice(0, -1);
  }
  const kept = "suo".includes(before) || (short && "aeiy".includes(before))
    || (before === "i" && !"kcpf".includes(third)) || (before === "a" && !"mi".includes(third));
  return kept ? key : key.slice(0, -1);
}

function nameOf(key) {
  if (key.length > LONGEST_NAME) return key;
  for (;;) {
    const folded = singular(american(key.replace(SPELLED_GREEK, (found) => found[0])));
    if (folded === key) return key;
    key = folded;
  }
}

// The value of a function for every text it was asked for.
function remembered(of) {
  const known = new Map();
  return (text) => {
    if (!known.has(text)) known.set(text, of(text));
    return known.get(text);
  };
}

const kept = (text) => text.replace(/[^\p{L}\p{N}\p{M}+¬]+/gu, "");
const fold = remembered((text) => nameOf(kept(cleaned(text))));
const foldedWord = remembered((word) => nameOf(kept(word)));
const words = remembered((text) => (cleaned(text).match(WORD) || []).map(foldedWord));

// The phrases in which every word of the value stands, or the whole as one piece; likewise for other
// forms of a name. Words are whole; of what is no name the last one may be the beginning of one.
function phrasesWith(phrases, value, forms) {
  const split = (text) => text.trim().split(/\s+/).map(partOf).filter(({ word }) => word);
  const texts = [...new Set([value, ...forms])], wanted = texts.map(split).filter((parts) => parts.length);
  if (!wanted.length) return phrases.filter((phrase) => phrase.trim() === value.trim());
  const alone = /(^|\s)\p{L}+\s*$/u.test(value), last = wanted[0]?.at(-1)?.word ?? "";
  const begun = texts.length === 1 && alone && [...last].length >= 3 ? last : "";
  const fits = (phrase, there, parts) => {
    const has = ({ word, letter }) => (letter ? letters(phrase).has(letter) : stands(word, there));
    const whole = parts.length > 1 && !parts[0].letter?.startsWith("Greek ");
    return (whole && stands(parts.map(({ word }) => word).join(""), there)) ||
      ((has(parts.at(-1)) || (begun && there.some((word) => word.startsWith(begun)))) && parts.slice(0, -1).every(has));
  };
  return phrases.filter((phrase) => { const there = words(phrase); return wanted.some((parts) => fits(phrase, there, parts)); });
}

// What stands between spaces as one word, and as the letter that it is, if it is one.
function partOf(text) {
  const word = words(text).join(""), [letter] = [...word].length === 1 ? letters(text) : [];
  return { word, letter };
}

// The words of a text that are one letter: `b` for B, `Greek b` for beta.
function letters(text) {
  const pieces = (text.match(/[\p{L}\p{N}]+/gu) || []).map((piece) => [fold(piece), piece.toLowerCase()]);
  return new Set(pieces.filter(([word]) => [...word].length === 1)
    .map(([word, written]) => (word === written ? word : `Greek ${word}`)));
}

// Whether a word, or neighbouring words in one, are the wanted: IL-6 and IL6 are one, CD8 is there as CD8+.
function stands(wanted, there) {
  return there.some((_, start) => {
    let joined = "";
    for (const word of there.slice(start)) {
      joined += word;
      if (joined === wanted || joined === `${wanted}+`) return true;
      if (!wanted.startsWith(joined)) return false;
    }
    return false;
  });
}

// What cannot be seen, or would change how the rest is read, spelled out.
const visible = (text) => text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
  (char) => "\\u" + char.codePointAt(0).toString(16).padStart(4, "0"));

// A word of a shell's command line.
const quoted = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`);
