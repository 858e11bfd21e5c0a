// --- cards: the details of a claim, below its row ----------------------------------------------

const VERDICTS = { yes: "agrees", partly: "agrees in part", no: "disagrees", unclear: "leaves it open" };

function listOf(style, texts) {
  const list = element("ul", "", style);
  list.append(...texts.map((text) => element("li", visible(text))));
  return list;
}

// Pairs of a name and its content as a description list, without those that have no content.
function factsOf(style, pairs) {
  const list = element("dl", "", style);
  for (const [name, ...content] of pairs) {
    if (!content.length) continue;
    const value = element("dd");
    value.append(...content);
    list.append(typeof name === "string" ? element("dt", name) : name, value);
  }
  return list;
}

// The steps of a claim as chains: an arrow raises, a bar lowers, a dot is contact, a dashed line is
// an association; each kind of node has a shape of its own.
function chainsOf({ record, chains, resistance }, data, kindOf) {
  const list = element("ol", "", "chains");
  list.setAttribute("aria-label", "Steps");
  const node = (label) => (label === "resistance" ? element("span", visible(resistance), "node outcome")
    : element("span", visible(label), `node ${kindOf(label) || "other"}`));
  for (const chain of chains) {
    const steps = chain.map((place) => record.steps[place]), item = element("li");
    item.append(node(steps[0].from));
    for (const step of steps) {
      const [sign, association] = data.relations[step.does];
      const style = sign > 0 ? "raises" : sign < 0 ? "lowers" : "touches";
      const link = element("span", "", "link"); // a line breaks before it
      link.append(element("b", step.does, style + (association ? " association" : "")), " ", node(step.to));
      if (step.in) link.append(element("span", ` (in ${visible(step.in)})`, "secondary"));
      item.append(" ", link);
    }
    list.append(item);
  }
  return list;
}

// The comparison of a claim with a paper: verdict, differences, and who read what of the paper.
function comparisonOf({ agrees, differs, says, read, by, date }) {
  const verdict = VERDICTS[agrees] + (differs.length ? ` on ${differs.join(", ")}` : "");
  const content = [element("b", verdict, agrees)];
  if (says) content.push(": " + visible(says));
  const details = [read, by, date].filter(Boolean).join(", ");
  if (details) content.push(element("span", ` (${visible(details)})`, "secondary"));
  return content;
}

// A copy of a reference in the list of the page, with its links.
function referenceItem(anchor) {
  const entry = $(anchor), item = element("li");
  item.append(`[${entry.querySelector(".number").textContent}] `, entry.children[1].cloneNode(true));
  return item;
}

function cardOf(claim, data, kindOf) {
  const { record } = claim;
  const halves = element("div", "", "halves"), left = element("div");
  if (record.steps.length) left.append(chainsOf(claim, data, kindOf));
  const lists = [["Molecules", "molecules"], ["Pathways", "pathways"], ["Processes", "processes"], ["Response restored by", "countered_by"]];
  const named = lists.map(([name, field]) => [name, ...(record[field].length ? [listOf(field, record[field])] : [])]);
  const facts = claim.facts.map(([name, text]) => [name, visible(text)]);
  left.append(factsOf("facts", [...named, ...facts]));

  const doubts = [];
  if (record.flags.length) doubts.push(["Doubts", listOf("flags", record.flags.map((flag) => data.flags[flag]))]);
  if (record.note !== null) doubts.push(["Curator’s note", element("span", visible(record.note), "remark")]);
  for (const one of record.primary) doubts.push([`The paper [${claim.names[record.refs.indexOf(one.ref)]}]`, ...comparisonOf(one)]);
  if (claim.others.length) doubts.push(["Other sources", listOf("others", claim.others)]);
  const cites = element("ul", "", "cites");
  cites.append(...claim.anchors.filter((anchor) => $(anchor)).map(referenceItem));
  halves.append(left, factsOf("beside", [...doubts, ["References", cites]]));
  return halves;
}
