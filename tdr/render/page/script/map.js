// --- the map of cells and therapies, which counts the claims that are shown -------------------

const SIDES = { promotes: "promotes resistance", opposes: "opposes resistance" };

class CellMap {
  constructor(chosen) {
    this.table = $("heat");
    if (!this.table) return;
    this.body = this.table.tBodies[0];
    this.rows = Array.from(this.body.rows, (row, place) => ({ row, place, cell: row.dataset.cell }));
    this.therapies = [...this.table.querySelectorAll("[data-therapy]")].map((head) => head.dataset.therapy);
    this.levels = Number(this.table.dataset.levels);
    this.rowsAtFirst = Number(this.table.dataset.rows);
    this.expanded = false;
    this.table.addEventListener("click", (event) => {
      const cell = event.target.closest("td");
      if (!event.target.closest("button") || !cell) return;
      const [therapy, side] = this.column(cell.cellIndex);
      chosen({ [side]: [cell.parentNode.dataset.cell], therapy: [therapy] });
    });
    $("map-all").addEventListener("click", () => {
      this.expanded = !this.expanded;
      this.collapse();
    });
  }

  column(index) {
    return [this.therapies[(index - 1) >> 1], index % 2 ? "promotes" : "opposes"];
  }

  // Show the numbers of these claims, and of those that are contested.
  show(claims) {
    if (!this.table) return;
    const counts = new Map();
    const count = (cell, index, claim) => {
      const key = `${index}\0${cell}`, found = counts.get(key) || [0, 0];
      counts.set(key, [found[0] + 1, found[1] + (claim.standing === "contested" ? 1 : 0)]);
    };
    for (const claim of claims) {
      const { record } = claim, at = 1 + 2 * this.therapies.indexOf(record.therapy);
      for (const cell of record.promotes) count(cell, at, claim);
      for (const cell of record.opposes) count(cell, at + 1, claim);
      for (const cell of new Set([...record.promotes, ...record.opposes])) count(cell, 0, claim);
    }
    const most = Math.max(1, ...[...counts].filter(([key]) => !key.startsWith("0\0")).map(([, [number]]) => number));
    for (const one of this.rows) {
      const at = (index) => counts.get(`${index}\0${one.cell}`) || [0, 0];
      for (let index = 1; index <= 2 * this.therapies.length; index++)
        this.draw(one.row.cells[index], one.cell, at(index), most);
      [one.total, one.contested] = at(0);
      one.counts = this.therapies.map((_, n) => ({ promotes: at(1 + 2 * n), opposes: at(2 + 2 * n) }));
      const total = one.row.lastElementChild.firstElementChild;
      total.textContent = one.total;
      total.className = one.contested ? "contested" : "";
    }
    this.collapse();
  }

  draw(cell, name, [number, contested], most) {
    const drawn = `${number} ${contested} ${number && most}`;
    if (cell.dataset.drawn === drawn) return;
    cell.dataset.drawn = drawn;
    if (!number) {
      cell.replaceChildren();
      return;
    }
    const [therapy, side] = this.column(cell.cellIndex);
    const level = Math.min(1 + Math.floor((number * this.levels - 1) / most), this.levels);
    const button = cell.firstElementChild || cell.appendChild(element("button"));
    button.type = "button";
    button.className = `${side} level-${level}${contested ? " contested" : ""}`;
    button.textContent = number;
    const contestedText = contested ? `, ${contested} contested` : "";
    button.setAttribute("aria-label",
      `${number} claim${number === 1 ? "" : "s"}${contestedText}: ${name} ${SIDES[side]}, ${therapy}`);
  }

  // The rows that are shown as an SVG picture, with the therapies that have a claim.
  picture(subtitle, style) {
    const used = this.therapies.flatMap((_, n) =>
      (this.shown.some(({ counts }) => counts[n].promotes[0] || counts[n].opposes[0]) ? [n] : []));
    const rows = this.shown.map(({ cell, row, counts }) =>
      ({ name: cell, group: row.dataset.group, counts: used.map((n) => counts[n]) }));
    const rest = this.number - rows.length;
    const more = rest ? `; ${rest} more row${rest === 1 ? "" : "s"} not shown` : "";
    return mapPicture(rows, used.map((n) => this.therapies[n]), subtitle + more, style);
  }

  // Cells with most claims first; those without any are hidden, and those after the first rows folded.
  collapse() {
    const ordered = this.rows.filter((one) => one.total).sort((a, b) => b.total - a.total || a.place - b.place);
    this.number = ordered.length;
    this.shown = this.expanded ? ordered : ordered.slice(0, this.rowsAtFirst);
    this.body.replaceChildren(...this.shown.map((one) => one.row));
    const rest = ordered.length - this.rowsAtFirst, button = $("map-all");
    button.hidden = rest <= 0;
    button.textContent = this.expanded ? "Show fewer" : `Show ${rest} more`;
    button.setAttribute("aria-expanded", String(this.expanded));
  }
}
