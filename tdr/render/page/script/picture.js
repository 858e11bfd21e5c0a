// --- the map as a picture ---------------------------------------------------------------------
// The rows of the map that are shown, drawn as by tdr/render/picture/heatmap.py.

const ROW = 44, HALF = 72, GAP = 8, MARGIN = 48, INSET = 26, LINE = 29, SWATCH = 52, SIZE = 24;
const SIGNS = { promotes: "▲", opposes: "▼" };

function escaped(text) {
  const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return visible(text).replace(/[&<>"]/g, (char) => entities[char]);
}

const widthOf = (() => {
  let context = null;
  return (text, bold = false, size = SIZE) => {
    context ??= document.createElement("canvas").getContext("2d");
    context.font = `${bold ? "bold " : ""}${size}px Helvetica, Arial, sans-serif`;
    return context.measureText(text).width;
  };
})();

// The smallest and the largest number of each colour, from light to dark; at most five.
function spans(most) {
  const highs = most <= 5 ? Array.from({ length: most }, (_, n) => n + 1)
    : [...new Set([1, 2, 3, 4, 5].map((step) => Math.max(1, roundedTo(most ** (step / 5)))))].sort((a, b) => a - b);
  const shades = { 1: [2], 2: [1, 3], 3: [0, 2, 4], 4: [0, 1, 3, 4] }[highs.length] || [0, 1, 2, 3, 4];
  return highs.map((high, n) => ({ low: n ? highs[n - 1] + 1 : 1, high, shade: shades[n] }));
}

// Rows are {name, group, counts}, counts {promotes, opposes} of each therapy: [claims, contested].
function mapPicture(rows, therapies, subtitle, { title, origin, ramps, ink, faint, background, empty, groups, hatch }) {
  const position = ({ group }) => (groups.includes(group) ? groups.indexOf(group) : groups.length);
  rows = [...rows].sort((a, b) => position(a) - position(b));
  const every = rows.flatMap(({ counts }) => counts.flatMap(({ promotes, opposes }) => [promotes[0], opposes[0]]));
  const colors = spans(Math.max(1, ...every));
  const label = (x, y, content, more = "", size = SIZE) => `<text x="${x}" y="${y}" font-size="${size}"${more}>${escaped(content)}</text>`;
  const box = (x, y, width, height, [fill, over], contested) => [fill, ...(contested ? [`url(#hatch-${over === ink ? "light" : "dark"})`] : [])]
    .map((paint) => `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${paint}"/>`).join("");
  const half = Math.max(HALF, ...therapies.map((name) => (widthOf(name, true) + 12) / 2));
  const left = MARGIN + INSET + Math.max(0, ...rows.map(({ name }) => widthOf(name))) + 18;
  const column = (n) => left + n * (2 * half + GAP);
  const parts = [
    `<defs>${hatch}</defs>`,
    label(MARGIN, MARGIN + 28, title, ' font-weight="bold"', 36),
    label(MARGIN, MARGIN + 68, subtitle, ` fill="${faint}"`),
    ...therapies.map((name, n) => label(column(n) + half, MARGIN + 133, name, ' font-weight="bold" text-anchor="middle"')),
  ];
  let y = MARGIN + 145, before = null;
  for (const { name, group, counts } of rows) {
    if (group && group !== before) parts.push(label(MARGIN, (y += LINE + 12) - 8, group, ' font-weight="bold"'));
    before = group;
    parts.push(label(MARGIN + INSET, y + ROW / 2 + 8, name));
    counts.forEach((count, n) => {
      const { promotes, opposes } = count, doubt = promotes[1] + opposes[1];
      parts.push(`<g><title>${escaped(`${name}, ${therapies[n]}: ${promotes[0]} promote resistance, ${opposes[0]} oppose it${doubt ? `, ${doubt} contested` : ""}`)}</title>`);
      Object.entries(SIGNS).forEach(([side, sign], place) => {
        const [number, contested] = count[side], x = column(n) + place * half;
        const color = number ? ramps[side][colors.find(({ high }) => number <= high).shade] : [empty, ink];
        parts.push(box(x, y + 2, half, ROW - 4, color, contested));
        if (number) parts.push(label(x + half / 2, y + ROW / 2 + 8.5, number + sign,
          ` text-anchor="middle" fill="${color[1]}" stroke="${color[0]}" stroke-width="6" paint-order="stroke"`));
      });
      parts.push("</g>");
    });
    y += ROW;
  }
  let x = MARGIN;
  for (const [side, sign] of Object.entries(SIGNS)) {
    const meaning = `${sign} ${SIDES[side]}`;
    parts.push(label(x, y + 59, meaning));
    x += widthOf(meaning) + 16;
    for (const { low, high, shade } of colors) {
      const [fill, over] = ramps[side][shade], span = low === high ? `${low}` : `${low}–${high}`;
      parts.push(box(x, y + 34, SWATCH - 2, 34, [fill]), label(x + SWATCH / 2 - 1, y + 59, span, ` text-anchor="middle" fill="${over}"`, 20));
      x += SWATCH;
    }
    x += 40;
  }
  parts.push(box(x, y + 34, SWATCH - 2, 34, ramps.opposes[0], true), label(x + SWATCH + 12, y + 59, "some contested"),
    label(MARGIN, y + 112, origin, ` fill="${faint}"`));
  const width = Math.ceil(Math.max(column(therapies.length), x + SWATCH + 12 + widthOf("some contested"), MARGIN + widthOf(title, true, 36), MARGIN + widthOf(subtitle)) + MARGIN);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y + 152}" width="${width}" height="${y + 152}" role="img" `
    + `font-family="Helvetica, Arial, 'Liberation Sans', sans-serif" fill="${ink}">\n<title>${escaped(title)}</title>\n`
    + `<rect width="100%" height="100%" fill="${background}"/>\n${parts.join("\n")}\n</svg>\n`;
}
