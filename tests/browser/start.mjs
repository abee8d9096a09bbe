// Starts a browser: the one that package-lock.json pins, or the one that CHROMIUM names.
//
//   node start.mjs    whether one starts: 0 or 1
import { pathToFileURL } from "node:url";

import puppeteer from "puppeteer-core";

// The package has the libraries and the fonts with it that a bare machine lacks, and unpacks them only where it takes
// itself to be on Lambda. With them, a page looks the same everywhere.
process.env.AWS_LAMBDA_JS_RUNTIME ??= "nodejs22.x";
const { default: chromium } = await import("@sparticuz/chromium");

const SWITCHES = ["--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb", "--font-render-hinting=none"];

/** A browser, or nothing if none starts. What it said goes to standard error. */
export async function browser() {
  const named = process.env.CHROMIUM;
  try {
    const executablePath = named || (await chromium.executablePath());
    return await puppeteer.launch({ executablePath, headless: named ? true : "shell", args: SWITCHES });
  } catch (error) {
    console.error(String(error.message ?? error));
    return null;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const started = await browser();
  await started?.close();
  process.exit(started ? 0 : 1);
}
