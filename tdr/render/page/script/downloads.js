// --- downloads: what `tdr list -o FORMAT` writes for the same claims ---------------------------

// JSON as the command line writes it: ASCII, indented by two spaces.
function asJson(value) {
  const escaped = (char) => "\\u" + char.charCodeAt(0).toString(16).padStart(4, "0");
  return JSON.stringify(value, null, 2).replace(/[\x7f-\uffff]/g, escaped) + "\n";
}

const WRITERS = {
  csv: (claims, data) => [data.csv, ...claims.map((claim) => claim.csv)].join(""),
  json: (claims, { schema_version, data_version, total }) =>
    asJson({ schema_version, data_version, matched: claims.length, total, claims: claims.map((claim) => claim.record) }),
  ris: (claims, data) => behind(claims, data).map((reference) => reference.ris).join(""),
  bibtex: (claims, data) => [data.bibtex, ...behind(claims, data).map((reference) => reference.bibtex)].join(""),
};
const ENDINGS = { csv: "csv", json: "json", ris: "ris", bibtex: "bib" };

// The references of claims in order of citation, each work once.
function behind(claims, data) {
  const works = new Map();
  for (const name of claims.flatMap((claim) => claim.names)) {
    const reference = data.references[name];
    if (reference && !works.has(reference.work)) works.set(reference.work, reference);
  }
  return [...works.values()];
}

function save(text, name, type = "text/plain") {
  const link = element("a");
  link.href = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
