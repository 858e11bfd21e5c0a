// --- the address of the page, which holds the state so that links share it ---------------------
// #q=exosome&cell=CAF&not=therapy=chemo&sort=-refs&at=imm-012, or #imm-012 alone.

const NOTHING = Object.freeze({ q: "", values: {}, exact: false, sort: "", at: "" });

function readAddress(hash, filters) {
  const text = hash.replace(/^#/, "");
  const state = { ...NOTHING, values: {} };
  if (!text.includes("=")) {
    try { state.at = decodeURIComponent(text); } catch { /* no place of this page */ }
    return state;
  }
  for (const [name, value] of new URLSearchParams(text)) {
    if (name === "exact") state.exact = value !== "";
    else if (name in NOTHING && name !== "values") state[name] = value;
    else if (filters.has(name) && value.trim()) (state.values[name] ??= []).push(value);
  }
  return state;
}

function writeAddress(state) {
  const pairs = new URLSearchParams();
  if (state.q) pairs.append("q", state.q);
  for (const [name, values] of Object.entries(state.values))
    for (const value of values) pairs.append(name, value);
  if (state.exact) pairs.append("exact", "yes");
  if (state.sort) pairs.append("sort", state.sort);
  if (!pairs.size) return state.at ? "#" + encodeURIComponent(state.at) : "";
  if (state.at) pairs.append("at", state.at);
  return "#" + pairs;
}

// The command that selects the same claims.
function commandLine(state, filters) {
  const parts = state.q ? ["tdr search", quoted(state.q)] : ["tdr list"];
  for (const [name, values] of Object.entries(state.values)) {
    const { option, meaning } = filters.get(name);
    for (const value of values) parts.push(meaning === "flag" ? option : `${option} ${quoted(visible(value))}`);
  }
  if (state.exact) parts.push("--exact");
  return parts.join(" ");
}
