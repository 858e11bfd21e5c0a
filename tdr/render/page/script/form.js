// --- the form: the state as controls ----------------------------------------------------------

const SEVERAL = " | "; // between the values of one filter

class Form {
  constructor(data, filters, changed) {
    this.filters = filters;
    this.index = filters.index;
    const offered = [...document.querySelectorAll("[data-filter]")];
    this.controls = offered.filter((control) => filters.all.has(control.dataset.filter));
    for (const control of offered) if (!this.controls.includes(control)) control.closest("label").remove();
    this.words = $("q");
    this.exact = $("f-exact");
    this.sort = $("f-sort");
    for (const control of this.controls) {
      if (control.localName === "select") this.offer(control, data);
      else if (control.list) control.addEventListener("focus", () => this.suggest(control), { once: true });
      control.addEventListener("change", changed);
    }
    this.exact.addEventListener("change", changed);
    this.sort.addEventListener("change", changed);
    let waiting = 0;
    this.words.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(changed, 50);
    });
  }

  // Fill a select with the values that occur, with their numbers of claims.
  offer(select, data) {
    const entry = this.filters.all.get(select.dataset.filter);
    const known = entry.words.length ? entry.words : this.index.labels(entry.facets[0]);
    for (const word of entry.meaning === "source" ? data.sources : known) {
      const size = countOf(this.index.claimsWith(entry.facets[0], [word]) & this.index.page);
      if (size) select.add(new Option(`${visible(word)} (${size})`, word));
    }
  }

  // Fill the list of a text field with the terms of its kind when it is first needed.
  suggest(control) {
    const { kind } = this.filters.all.get(control.dataset.filter);
    if (control.list.options.length) return;
    const entry = [...this.filters.all.values()].find((one) => one.kind === kind && one.counted);
    const terms = [...this.index.vocabulary.terms(kind).values()];
    for (const term of terms.sort((a, b) => collator.compare(a.label, b.label))) {
      const size = countOf(this.filters.meaning(entry, term.label, false).bits & this.index.page);
      if (!size) continue;
      const option = new Option("", term.label);
      option.label = visible([...term.forms.slice(1, 5), `${size} claim${size === 1 ? "" : "s"}`].join(", "));
      control.list.append(option);
    }
  }

  read() {
    const values = {};
    for (const control of this.controls) {
      const text = control.type === "checkbox" ? (control.checked ? "yes" : "") : control.value.trim();
      const several = control.selectedOptions?.[0]?.several || text.split(SEVERAL.trim());
      const given = several.map((value) => value.trim()).filter(Boolean);
      if (given.length) values[control.dataset.filter] = given;
    }
    return { q: this.words.value.trim(), values, exact: this.exact.checked, sort: this.sort.value, at: "" };
  }

  write(state, problems) {
    if (document.activeElement !== this.words || this.words.value.trim() !== state.q) this.words.value = state.q;
    this.exact.checked = state.exact;
    this.sort.value = state.sort;
    const wrong = new Set(problems.map(([name]) => name));
    for (const control of this.controls) {
      const name = control.dataset.filter, given = state.values[name] || [];
      if (control.type === "checkbox") control.checked = given.length > 0;
      else if (control.localName === "select") this.choose(control, given);
      else control.value = given.join(SEVERAL);
      if (wrong.has(name)) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
      const folded = control.closest("details");
      if (folded && given.length) folded.open = true;
    }
  }

  // Select the value; several values, or an unknown one, get an option of their own.
  choose(select, given) {
    for (const option of [...select.options]) if (option.several) option.remove();
    select.value = given[0] || "";
    if (given.length < 2 && select.value === (given[0] || "")) return;
    const option = new Option(visible(given.join(" or ")));
    option.several = given;
    select.add(option);
    select.value = option.value;
  }
}
