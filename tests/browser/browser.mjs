// Opens pages in the system's Chromium, and notes everything that goes wrong.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

export async function open(page, options = {}) {
  const profile = await mkdtemp(join(tmpdir(), "workos-orgs-browser-"));
  const browser = await chromium.launchPersistentContext(profile, { executablePath: CHROMIUM, headless: true, args: FLAGS, ...options });
  const tab = browser.pages()[0] ?? (await browser.newPage());
  tab.setDefaultTimeout(60_000);
  const faults = [];
  tab.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") faults.push(`console: ${message.text()}`);
  });
  tab.on("pageerror", (error) => faults.push(`script: ${error.message}`));
  tab.on("dialog", (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  const url = pathToFileURL(resolve(page)).href;
  tab.on("request", (request) => {
    if (request.url() !== url) faults.push(`request: ${request.url()}`);
  });
  const began = Date.now();
  await tab.goto(url, { waitUntil: "load", timeout: 120_000 });
  const close = async () => {
    await browser.close();
    await rm(profile, { recursive: true, force: true });
  };
  return { tab, faults, close, loaded: Date.now() - began };
}
