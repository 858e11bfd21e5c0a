// --- the table of claims: order, rows, cards ---------------------------------------------------

const ROWS_AT_ONCE = 200; // rows that are in the page at once; a button adds more
const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

const SORTS = {
  id: ({ record }) => record.id,
  therapy: ({ record }) => record.therapy,
  cells: ({ record }) => [...record.promotes, ...record.opposes][0],
  agents: ({ record }) => record.agents[0],
  cancers: ({ record }) => record.cancers[0],
  mechanism: ({ record }) => record.mechanism,
  refs: ({ names }) => names[0],
};

class Table {
  constructor(data, vocabulary, sorted) {
    this.data = data;
    this.kindOf = (label) => vocabulary.kindOf(label);
    this.element = $("claims-table");
    this.claims = Array.from(this.element.tBodies, (body, place) => {
      const claim = { ...data.claims[place], place, bit: 1n << BigInt(data.claims[place].number), body, button: body.querySelector("button"), card: null };
      const links = [...body.querySelectorAll(".refs a")];
      claim.names = links.map((link) => link.textContent);
      claim.anchors = links.map((link) => link.hash.slice(1));
      claim.button.setAttribute("aria-expanded", "false");
      return claim;
    });
    this.byId = new Map(this.claims.map((claim) => [claim.body.id, claim]));
    this.byBody = new Map(this.claims.map((claim) => [claim.body, claim]));
    this.shown = [];
    this.limit = ROWS_AT_ONCE;
    this.heads = [...this.element.tHead.querySelectorAll("button")];
    for (const button of this.heads) {
      const by = button.dataset.sort;
      button.addEventListener("click", () => sorted(this.sort === by ? "-" + by : this.sort === "-" + by ? "" : by));
      for (const [sign, arrow] of [["", "↑"], ["-", "↓"]])
        $("f-sort").add(new Option(`${button.textContent} ${arrow}`, sign + by));
    }
    this.element.addEventListener("click", (event) => this.clicked(event));
    $("more-rows").addEventListener("click", () => {
      const next = this.shown[this.limit];
      this.draw(this.limit + ROWS_AT_ONCE);
      next.button.focus();
    });
    $("open-all").addEventListener("click", () => {
      const drawn = this.shown.slice(0, this.limit);
      const some = drawn.some((claim) => !claim.body.classList.contains("opened"));
      for (const claim of drawn) this.open(claim, some);
    });
    addEventListener("beforeprint", () => this.draw(this.shown.length));
    addEventListener("afterprint", () => this.draw(ROWS_AT_ONCE));
  }

  // Show these claims, sorted if asked for, with the words that answered a search.
  show(claims, sort, { weak, answers }) {
    this.sort = sort in SORTS || sort.slice(1) in SORTS ? sort : "";
    this.answers = answers;
    const last = claims.slice(claims.length - weak);
    for (const claim of claims) claim.body.classList.toggle("weak", last.includes(claim));
    for (const button of this.heads) {
      const by = button.dataset.sort;
      const direction = this.sort === by ? "ascending" : this.sort === "-" + by ? "descending" : "none";
      button.parentNode.setAttribute("aria-sort", direction);
    }
    this.shown = this.ordered(claims);
    this.draw(ROWS_AT_ONCE);
    $("nothing").hidden = claims.length > 0;
  }

  ordered(claims) {
    const by = this.sort.replace("-", ""), direction = this.sort.startsWith("-") ? -1 : 1;
    if (!by) return claims;
    const key = new Map(claims.map((claim) => [claim, SORTS[by](claim) || ""]));
    return [...claims].sort((a, b) => {
      const one = key.get(a), other = key.get(b);
      if (!one !== !other) return one ? -1 : 1; // no value is last in either order
      return direction * collator.compare(one, other) || a.place - b.place;
    });
  }

  draw(most) {
    this.limit = most;
    const rows = this.shown.slice(0, most).map((claim) => claim.body);
    const keep = new Set(rows);
    for (const body of [...this.element.tBodies]) if (!keep.has(body)) body.remove();
    this.element.append(...rows);
    $("more").hidden = this.shown.length <= most;
    $("more-count").textContent = `${most} of ${this.shown.length} claims are shown.`;
    this.highlight(rows);
  }

  highlight(rows) {
    if (!CSS.highlights) return;
    CSS.highlights.delete("found");
    if (this.answers?.size) CSS.highlights.set("found", new Highlight(...rows.flatMap((row) => marks(row, this.answers))));
  }

  open(claim, wanted) {
    if (wanted && !claim.card) {
      claim.card = cardOf(claim, this.data, this.kindOf);
      const cell = element("td");
      cell.colSpan = this.heads.length;
      cell.append(claim.card);
      const row = element("tr", "", "card");
      row.append(cell);
      claim.body.append(row);
    }
    claim.body.classList.toggle("opened", wanted);
    claim.button.setAttribute("aria-expanded", String(wanted));
  }

  clicked(event) {
    const row = event.target.closest("tr.row");
    if (!row || event.target.closest("a")) return;
    if (!event.target.closest("button") && String(getSelection())) return; // text is selected, not a row
    const claim = this.byBody.get(row.parentNode);
    this.open(claim, !claim.body.classList.contains("opened"));
  }

  // Open a claim and scroll to it.
  scrollTo(claim) {
    const place = this.shown.indexOf(claim);
    if (place >= this.limit) this.draw(place + ROWS_AT_ONCE);
    this.open(claim, true);
    claim.body.scrollIntoView();
    claim.button.focus({ preventScroll: true });
  }
}
