// Looks at the HTML report in a browser: as it is read on a screen, light and dark, on a phone and on paper.
//
//   node look.mjs SAMPLE PICTURES [--self-test]
//
// SAMPLE is the program `report-sample`; screenshots and PDFs go to the folder PICTURES. --self-test breaks pages on
// purpose and demands that each fault is found. It ends with 0 if everything holds, 1 if not, 2 if there is no browser.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { faults } from "./faults.mjs";
import { browser } from "./start.mjs";

const [sample, folder, mode] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
mkdirSync(folder, { recursive: true });

const REPORTS = {
  organization: [],
  hostile: ["--hostile", "--accounts=12", "--regions=2"],
  one: ["--accounts=1", "--regions=2", "--notebooks=9", "--bad=1000", "--default"],
  default: ["--default"],
  good: ["--accounts=1", "--regions=1", "--bad=0", "--silent=0"],
  nothing: ["--accounts=1", "--regions=2", "--notebooks=0"],
  unread: ["--accounts=6", "--regions=2", "--silent=1000"],
  wide: ["--accounts=120", "--regions=17"],
  huge: ["--accounts=10000", "--regions=4", "--notebooks=1"],
};
const VIEWS = {
  light: { width: 1280, height: 900, scheme: "light" },
  dark: { width: 1280, height: 900, scheme: "dark" },
  phone: { width: 390, height: 844, scheme: "light", isMobile: true },
  "phone-dark": { width: 390, height: 844, scheme: "dark", isMobile: true },
  narrow: { width: 320, height: 640, scheme: "light", isMobile: true },
};
// However many accounts there are. A page of 10,000 opens as fast as one of 50.
const LARGEST = 400_000;

async function open(chrome, file, view) {
  const page = await chrome.newPage();
  const said = [];
  page.on("console", (message) => said.push(`the console says: ${message.text()}`));
  page.on("pageerror", (error) => said.push(`an error on the page: ${error.message}`));
  page.on("request", (request) => {
    if (request.url() !== file && !request.url().startsWith("data:")) said.push(`it asks for ${request.url()}`);
  });
  page.on("dialog", (dialog) => {
    said.push(`it opens a dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  await page.setViewport({ width: view.width, height: view.height, isMobile: Boolean(view.isMobile) });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: view.scheme }]);
  await page.goto(file, { waitUntil: "networkidle0" });
  return { page, said };
}

/** What the keyboard does not reach, or reaches without showing where it is. */
async function keyboard(page) {
  const every = 'a[href], summary, [tabindex="0"]';
  const count = await page.$$eval(every, (all) => all.length);
  for (let index = 0; index < count; index += 1) {
    await page.keyboard.press("Tab");
    const wrong = await page.evaluate((every, index) => {
      // What is inside of closed details is not there for anybody.
      const all = [...document.querySelectorAll(every)].filter((one) => one.checkVisibility());
      const expected = all[index];
      const now = document.activeElement;
      if (expected && now !== expected) return `Tab does not lead to ${expected.textContent.trim().slice(0, 40)}`;
      return expected && getComputedStyle(now).outlineStyle === "none" ? `the focus is not seen on ${now.localName}` : "";
    }, every, index);
    if (wrong) return [wrong];
  }
  return [];
}

/** Everything that is wrong with a report in a view. */
async function look(chrome, file, name, picture) {
  const { page, said } = await open(chrome, file, VIEWS[name]);
  await page.evaluate(axe);
  const found = [...said, ...(await page.evaluate(faults))];
  if (!VIEWS[name].isMobile) found.push(...(await keyboard(page)));
  if (picture) await page.screenshot({ path: picture, fullPage: true });
  await page.close();
  return found;
}

/** What is wrong with it on paper. The reader's screen is dark, and paper is white. */
async function print(chrome, file, picture) {
  const { page, said } = await open(chrome, file, { width: 680, height: 960, scheme: "dark" });
  await page.emulateMediaType("print");
  const found = await page.evaluate(() => {
    const wrong = [];
    const style = getComputedStyle(document.body);
    if (style.backgroundColor !== "rgb(255, 255, 255)") wrong.push(`paper is ${style.backgroundColor}`);
    if (style.color !== "rgb(0, 0, 0)") wrong.push(`ink is ${style.color}`);
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) wrong.push(`it is ${scrollWidth} wide on paper of ${clientWidth}`);
    for (const one of document.querySelectorAll("nav, details")) {
      if (one.getClientRects().length) wrong.push(`${one.localName} is printed, and nobody can click on it`);
    }
    return wrong;
  });
  const pdf = Buffer.from(await page.pdf({ format: "A4", printBackground: true, preferCSSPageSize: true }));
  if (!pdf.subarray(0, 5).equals(Buffer.from("%PDF-"))) found.push("there is no PDF");
  if (picture) writeFileSync(picture, pdf);
  await page.close();
  return [...said, ...found];
}

function write(name, html) {
  const path = resolve(join(folder, `${name}.html`));
  writeFileSync(path, html);
  return pathToFileURL(path).href;
}

function report(flags) {
  return execFileSync(sample, ["--format=html", ...flags], { encoding: "utf8", maxBuffer: 1 << 26 });
}

async function all(chrome) {
  let failed = 0;
  let looked = 0;
  for (const [name, flags] of Object.entries(REPORTS)) {
    const html = report(flags);
    const file = write(name, html);
    const wrong = html.length > LARGEST ? [`it has ${html.length} characters, and ${LARGEST} are allowed`] : [];
    for (const view of Object.keys(VIEWS)) {
      const found = await look(chrome, file, view, join(folder, `${name}-${view}.png`));
      wrong.push(...found.map((fault) => `${view}: ${fault}`));
      looked += 1;
    }
    wrong.push(...(await print(chrome, file, join(folder, `${name}.pdf`))).map((fault) => `print: ${fault}`));
    for (const fault of wrong) console.log(`${name}, ${fault}`);
    failed += wrong.length;
  }
  console.log(`${Object.keys(REPORTS).length} reports in ${looked} views and on paper, ${failed} faults`);
  return failed;
}

// A fault, how it is made, and what has to be said of it.
const BROKEN = [
  ["a picture from elsewhere", (html) => html.replace("<main>", '<main><img alt="" src="https://example.com/a.png">'), /https:\/\/example.com|Content Security/],
  ["a script", (html) => html.replace("<main>", "<main><script>1</script>"), /script/i],
  ["a second h1", (html) => html.replace("<h2 id=", "<h1>again</h1><h2 id="), /h1/],
  ["a skipped heading", (html) => html.replaceAll(/<(\/?)h2/g, "<$1h4"), /heading/],
  ["a header without scope", (html) => html.replace(' scope="col"', ""), /scope/],
  ["a table without caption", (html) => html.replace(/<caption>.*?<\/caption>/, ""), /caption/],
  ["a picture without a name", (html) => html.replace(/ aria-labelledby="matrix-title matrix-text"/, "").replace(/<title id="matrix-title">.*?<\/title>/, ""), /svg|picture/i],
  ["something wide", (html) => html.replace("<main>", '<main><svg width="2000" height="9"></svg>'), /wide/],
  ["faint text", (html) => html.replace("--muted: #59606b", "--muted: #b0b5bd"), /contrast|Content Security|style/i],
  ["a faint mark in the picture", (html) => html.replace('class="head middle"', 'class="head middle" opacity="0.2"'), /contrast/],
];

async function selfTest(chrome) {
  const html = report([]);
  let missed = 0;
  for (const [name, broken, says] of BROKEN) {
    const changed = broken(html);
    const file = write("broken", changed);
    const found = changed === html ? [] : await look(chrome, file, "phone", null);
    if (!found.some((fault) => says.test(fault))) {
      console.log(`not found: ${name}; what was found: ${found.join("; ") || "nothing"}`);
      missed += 1;
    }
  }
  console.log(`${BROKEN.length} pages that were broken on purpose, ${missed} faults not found`);
  return missed;
}

const chrome = await browser();
if (!chrome) {
  console.error("cannot look: no browser starts here");
  process.exit(2);
}
const failed = await (mode === "--self-test" ? selfTest(chrome) : all(chrome));
await chrome.close();
process.exit(failed ? 1 : 0);
