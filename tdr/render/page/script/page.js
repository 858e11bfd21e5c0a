// --- the page ---------------------------------------------------------------------------------

const root = document.documentElement;
root.classList.add("js");

const isDark = () =>
  (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
try {
  const before = localStorage.getItem("tdr-theme");
  if (before === "dark" || before === "light") root.dataset.theme = before;
} catch { /* nothing is remembered, then */ }

function switchable() {
  const theme = $("theme");
  const tell = () => { theme.textContent = isDark() ? "Light" : "Dark"; };
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("tdr-theme", root.dataset.theme); } catch { /* not remembered, then */ }
    tell();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tell);
  tell();
}

// References of what is shown, each with the claims of it that rest on it.
function showReferences(claims) {
  const ids = new Set(claims.map((claim) => claim.body.id));
  let number = 0;
  for (const item of document.querySelectorAll(".refs > li")) {
    let any = false;
    for (const link of item.querySelectorAll(".behind a")) {
      link.hidden = !ids.has(decodeURIComponent(link.hash.slice(1)));
      any ||= !link.hidden;
    }
    item.hidden = !any;
    number += any;
  }
  $("references-said").textContent = `${number} behind ${claims.length} claim${claims.length === 1 ? "" : "s"}`;
}

async function start() {
  const data = await unpacked();
  ({ folding: tables, asking, weights: W, search: S } = data);
  tables.ending = new RegExp(`(?:${tables.ending})$`);
  for (const [name, list] of Object.entries(asking)) if (Array.isArray(list)) asking[name] = new Set(list);
  const vocabulary = new Vocabulary(data.terms);
  const index = new Index(data, vocabulary);
  const filters = new Filters(data, index);
  let state = NOTHING;

  // The state is what the address says: what changes it goes there, and is shown from there.
  function go(next, replacing = false) {
    const address = writeAddress(next) || location.pathname + location.search;
    history[replacing ? "replaceState" : "pushState"](null, "", address);
    show(next);
  }

  const table = new Table(data, vocabulary, (sort) => go({ ...state, sort, at: "" }));
  const map = new CellMap((values) => {
    go({ ...NOTHING, values, exact: true });
    lead("claims");
  });
  const form = new Form(data, filters, (event) => go(form.read(), event === undefined));
  const search = new Search(data, index);

  function show(next) {
    state = next;
    const { fitting, said: meant, problems } = filters.select(state.values, state.exact);
    let claims = problems.length ? [] : table.claims.filter((claim) => claim.bit & fitting);
    const answer = state.q ? search.answer(state.q, claims) : { claims, weak: 0, said: [], answers: null };
    claims = answer.claims;
    form.write(state, problems);
    table.show(claims, state.sort, answer);
    map.show(claims);
    showReferences(claims);
    const said = [...problems.map(([, text]) => text), ...meant.map(visible), ...answer.said];
    if (answer.weak) said.push(`the last ${answer.weak} answer little of it`);
    $("said").textContent = `${claims.length} of ${table.claims.length} claims`;
    if (said.length) $("said").append(element("span", " · " + said.join(" · ")));
    $("command").textContent = commandLine(state, filters.all);
    root.classList.add("ready");
  }

  // Lead to a place of the page; a claim is opened, whatever is filtered.
  function lead(at) {
    const claim = table.byId.get(at.replace(/^claim-/, "")) || table.byId.get(at);
    if (claim && !table.shown.includes(claim)) go({ ...NOTHING, at }, true);
    if (claim) table.lead(claim);
    else $(at)?.scrollIntoView();
    if (at === "claims") $(at).focus({ preventScroll: true });
  }

  function follow() {
    const next = readAddress(location.hash, filters.all);
    show(next);
    if (next.at) lead(next.at);
  }

  for (const button of document.querySelectorAll("button.clear"))
    button.addEventListener("click", () => { go(NOTHING); form.words.focus(); });
  for (const button of document.querySelectorAll("[data-format]"))
    button.addEventListener("click", () => {
      const format = button.dataset.format;
      const claims = table.sort || state.q ? [...table.shown].sort((a, b) => a.place - b.place) : table.shown;
      save(WRITERS[format](claims, data), `claims.${ENDINGS[format]}`);
    });
  $("save-map").addEventListener("click", () => {
    const asked = state === NOTHING || !writeAddress({ ...state, at: "", sort: "" }) ? "" : `${commandLine(state, filters.all)}: `;
    const subtitle = `${asked}${table.shown.length} of ${data.total} claims`;
    save(map.picture(subtitle, data.picture), "cells-and-therapies.svg", "image/svg+xml");
  });
  document.addEventListener("click", (event) => {
    // A link within the page keeps what is shown.
    const link = event.target.closest("a[href^='#']");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const at = decodeURIComponent(link.hash.slice(1));
    history.pushState(null, "", writeAddress({ ...state, at }));
    lead(at);
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, select, textarea");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    form.words.focus();
  });
  addEventListener("hashchange", follow);
  switchable();
  follow();
}

document.addEventListener("DOMContentLoaded", start);
