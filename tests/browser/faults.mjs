// What is wrong with a page. It runs in the page, so it can use nothing from outside of itself.

/** The faults, one sentence each. `axe` has to be there. */
export async function faults() {
  const wrong = [];
  const seen = (element) => element.getClientRects().length > 0;
  const name = (element) => `<${element.localName}> ${(element.textContent ?? "").trim().slice(0, 40)}`;

  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) wrong.push(`it is ${scrollWidth} wide in a window of ${clientWidth}`);

  // Nothing but the template may bring an element: what a name contains is text.
  for (const one of document.querySelectorAll("script, img, iframe, object, embed, form, input, [style], [onerror]")) {
    wrong.push(`there is a ${one.localName}, and no report has one`);
  }
  if (/owned/.test(document.title)) wrong.push("a name has run as a script");

  const headings = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")];
  const ones = headings.filter((heading) => heading.localName === "h1").length;
  if (ones !== 1) wrong.push(`there are ${ones} h1`);
  let level = 0;
  for (const heading of headings) {
    const next = Number(heading.localName.slice(1));
    if (next > level + 1) wrong.push(`a heading of level ${next} after one of level ${level}: ${name(heading)}`);
    level = next;
  }
  for (const table of document.querySelectorAll("table")) {
    if (!table.caption?.textContent.trim()) wrong.push("a table has no caption");
    for (const head of table.querySelectorAll("th:not([scope])")) wrong.push(`a header has no scope: ${name(head)}`);
    for (const row of table.tBodies[0].rows) {
      if (row.cells[0]?.localName !== "th") wrong.push(`a row has no header: ${name(row)}`);
    }
  }
  for (const picture of document.querySelectorAll("svg")) {
    // A sign that is hidden from readers says what the words beside it say.
    if (picture.closest('[aria-hidden="true"]')?.parentElement.textContent.trim()) continue;
    const named = picture.getAttribute("aria-label") || picture.querySelector(":scope > title")?.textContent;
    if (picture.getAttribute("role") !== "img" || !named?.trim()) wrong.push("a picture (svg) has no name");
  }
  // What scrolls can be reached with the keyboard, and what is linked to is there.
  for (const one of document.querySelectorAll("*")) {
    const scrolls = one.scrollWidth > one.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(one).overflowX);
    if (scrolls && one.tabIndex < 0) wrong.push(`what scrolls cannot be reached with the keyboard: ${name(one)}`);
  }
  for (const link of document.querySelectorAll('a[href^="#"]')) {
    if (!document.getElementById(link.hash.slice(1))) wrong.push(`a link leads nowhere: ${link.hash}`);
  }

  // axe does not look at text in pictures.
  const numbers = (color) => (color.match(/[\d.]+/g) ?? []).map(Number);
  const light = (color) => {
    const [r, g, b] = numbers(color).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const paper = getComputedStyle(document.body).backgroundColor;
  const poor = new Map();
  for (const text of document.querySelectorAll("svg text")) {
    if (!seen(text) || !text.textContent.trim()) continue;
    const style = getComputedStyle(text);
    const box = text.parentElement.querySelector(":scope > rect");
    const behind = box ? getComputedStyle(box).fill : paper;
    const ratio = contrast(style.fill, behind === "none" ? paper : behind) * Number(style.opacity);
    if (ratio < 4.5) poor.set(`${style.fill} on ${behind}`, `the contrast of ${name(text)} is ${ratio.toFixed(2)}: ${style.fill} on ${behind}`);
  }
  wrong.push(...poor.values());

  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const { violations } = await globalThis.axe.run(document, { runOnly: { type: "tag", values: tags } });
  for (const { id, help, nodes } of violations) {
    wrong.push(`${id}: ${help}, ${nodes.length} times, first ${nodes[0].html.slice(0, 120)}`);
  }
  return wrong;
}
