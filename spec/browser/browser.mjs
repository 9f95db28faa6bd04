// browser -- a headless Chromium whose tabs note what goes wrong in them.
import { chromium } from "playwright-core";

const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";
const ARGUMENTS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync"
];

// Starts a browser with a new, empty profile, which goes with it.
export function launch() {
  return chromium.launch({ executablePath: EXECUTABLE, args: ARGUMENTS });
}

// Opens a tab in a window of its own, with storage of its own, and waits until `selector` is
// there. The tab has `faults`: scripts' errors, and what they wrote to the console as such. That
// a connection was lost is written there too, by the browser itself, and is no fault of a page.
export async function openTab(browser, url, selector, options = {}) {
  const context = await browser.newContext({ viewport: { width: 900, height: 700 }, ...options });
  const tab = await context.newPage();
  tab.setDefaultTimeout(15_000);
  tab.faults = [];
  tab.on("pageerror", (error) => tab.faults.push(String(error)));
  tab.on("console", (line) => {
    if (line.type() === "error" && !/WebSocket connection to/.test(line.text())) {
      tab.faults.push(line.text());
    }
  });
  await tab.goto(url);
  await tab.waitForSelector(selector);
  return tab;
}
