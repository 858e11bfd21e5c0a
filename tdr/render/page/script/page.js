// --- the page ---------------------------------------------------------------------------------

const root = document.documentElement;
root.classList.add("js");

const isDark = () =>
  (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
try {
  const before = localStorage.getItem("tdr-theme");
  if (before === "dark" || before === "light") root.dataset.theme = before;
} catch { /* no storage: the theme is not remembered */ }

function addThemeButton() {
  const theme = $("theme");
  const update = () => { theme.textContent = isDark() ? "Light" : "Dark"; };
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("tdr-theme", root.dataset.theme); } catch { /* no storage: the theme is not remembered */ }
    update();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", update);
  update();
}

// Show the references of these claims, each with links to those of them that cite it.
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
  $("references-count").textContent = `${number} behind ${claims.length} claim${claims.length === 1 ? "" : "s"}`;
}

async function start() {
  const data = await decompressed();
  ({ folding: tables, asking, weights: W, search: S } = data);
  tables.ending = new RegExp(`(?:${tables.ending})$`);
  for (const [name, list] of Object.entries(asking)) if (Array.isArray(list)) asking[name] = new Set(list);
  const vocabulary = new Vocabulary(data.terms);
  const index = new Index(data, vocabulary);
  const filters = new Filters(data, index);
  let state = NOTHING;

  // The address of the page holds the state: every change is written there and then shown.
  function go(next, replacing = false) {
    const address = writeAddress(next) || location.pathname + location.search;
    history[replacing ? "replaceState" : "pushState"](null, "", address);
    show(next);
  }

  const table = new Table(data, vocabulary, (sort) => go({ ...state, sort, at: "" }));
  const map = new CellMap((values) => {
    go({ ...NOTHING, values, exact: true });
    scrollTo("claims");
  });
  const form = new Form(data, filters, (event) => go(form.read(), event === undefined));
  const search = new Search(data, index);

  function show(next) {
    state = next;
    const { fitting, expansions, problems } = filters.select(state.values, state.exact);
    let claims = problems.length ? [] : table.claims.filter((claim) => claim.bit & fitting);
    const answer = state.q ? search.answer(state.q, claims) : { claims, weak: 0, messages: [], answers: null };
    claims = answer.claims;
    form.write(state, problems);
    table.show(claims, state.sort, answer);
    map.show(claims);
    showReferences(claims);
    const messages = [...problems.map(([, text]) => text), ...expansions.map(visible), ...answer.messages];
    if (answer.weak) messages.push(`the last ${answer.weak} answer little of it`);
    $("message").textContent = `${claims.length} of ${table.claims.length} claims`;
    if (messages.length) $("message").append(element("span", " · " + messages.join(" · ")));
    $("command").textContent = commandLine(state, filters.all);
    root.classList.add("ready");
  }

  // Scroll to a place of the page; a claim is opened, if need be without the filters that hide it.
  function scrollTo(at) {
    const claim = table.byId.get(at.replace(/^claim-/, "")) || table.byId.get(at);
    if (claim && !table.shown.includes(claim)) go({ ...NOTHING, at }, true);
    if (claim) table.scrollTo(claim);
    else $(at)?.scrollIntoView();
    if (at === "claims") $(at).focus({ preventScroll: true });
  }

  function follow() {
    const next = readAddress(location.hash, filters.all);
    show(next);
    if (next.at) scrollTo(next.at);
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
    const conditions = state === NOTHING || !writeAddress({ ...state, at: "", sort: "" }) ? "" : `${commandLine(state, filters.all)}: `;
    const subtitle = `${conditions}${table.shown.length} of ${data.total} claims`;
    save(map.picture(subtitle, data.picture), "cells-and-therapies.svg", "image/svg+xml");
  });
  document.addEventListener("click", (event) => {
    // A link within the page does not change what is shown.
    const link = event.target.closest("a[href^='#']");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const at = decodeURIComponent(link.hash.slice(1));
    history.pushState(null, "", writeAddress({ ...state, at }));
    scrollTo(at);
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, select, textarea");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    form.words.focus();
  });
  addEventListener("hashchange", follow);
  addThemeButton();
  follow();
}

document.addEventListener("DOMContentLoaded", start);
