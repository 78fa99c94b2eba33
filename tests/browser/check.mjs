// Drives a page and fails on anything unexpected: node check.mjs SCENARIO PAGE
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { open } from "./browser.mjs";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const [scenario, page] = process.argv.slice(2);

/// Nothing that axe knows is wrong with the page.
async function accessible(tab) {
  // The page's own policy lets no script in, so it is set aside by the browser's debugger.
  const { readFile } = await import("node:fs/promises");
  await tab.evaluate(await readFile(axe, "utf8"));
  const found = await tab.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  const told = found.violations.map((one) => `${one.id}: ${one.help}\n  ${one.nodes.map((node) => node.target.join(" ") + " " + node.failureSummary).slice(0, 3).join("\n  ")}`);
  assert.deepEqual(told, [], told.join("\n"));
}

const count = (tab) => tab.locator("#found").innerText();
const focused = (tab) => tab.evaluate(() => document.activeElement.textContent);

async function filtered(tab, text, expected) {
  await tab.keyboard.press("/");
  await tab.keyboard.press("Control+A");
  await tab.keyboard.press("Backspace");
  await tab.keyboard.type(text);
  await tab.waitForFunction((wanted) => document.getElementById("found").textContent === wanted, expected);
}

const scenarios = {
  async sample() {
    for (const [colorScheme, width] of [["light", 1280], ["dark", 1280], ["light", 820], ["light", 390]]) {
      const opened = await open(page, { viewport: { width, height: 900 }, colorScheme });
      await accessible(opened.tab);
      const wide = await opened.tab.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      assert.equal(wide, false, `the page is wider than ${width}`);
      assert.deepEqual(opened.faults, []);
      await opened.close();
    }
    const { tab, faults, close } = await open(page);
    assert.match(await tab.locator("h1").innerText(), /247 of 250 customers/);
    assert.equal(await count(tab), "250 of 250 rows");
    await filtered(tab, "status:conflict", "2 of 250 rows");
    await filtered(tab, "status:conflict,invalid gerbil", "1 of 250 rows");
    await filtered(tab, "cause:external", "1 of 250 rows");
    await filtered(tab, "line:63", "1 of 250 rows");
    await filtered(tab, "no such row", "0 of 250 rows");
    assert.equal(await tab.locator("#none").isVisible(), true);
    await filtered(tab, "", "250 of 250 rows");

    // Sort by name, both ways, with the keyboard.
    const sort = tab.locator("#table th button", { hasText: "Name" });
    await sort.focus();
    const names = () => tab.locator("#body tr[aria-rowindex] td:nth-child(3)").allInnerTexts();
    await tab.keyboard.press("Enter");
    assert.equal(await tab.locator("#table th", { hasText: "Name" }).getAttribute("aria-sort"), "ascending");
    const [up] = await names();
    await tab.keyboard.press("Enter");
    assert.equal(await tab.locator("#table th", { hasText: "Name" }).getAttribute("aria-sort"), "descending");
    const [down] = await names();
    assert.ok(up.toLowerCase() < down.toLowerCase(), `${up} ${down}`);
    await tab.locator("#table th button", { hasText: "Line" }).press("Enter");

    // Move through the rows and open one.
    await tab.locator("#body button").first().focus();
    for (let step = 0; step < 40; step++) await tab.keyboard.press("ArrowDown");
    assert.equal(await focused(tab), "42");
    await tab.keyboard.press("End");
    assert.equal(await focused(tab), "251");
    await tab.keyboard.press("Home");
    assert.equal(await focused(tab), "2");
    await tab.keyboard.press("Enter");
    assert.equal(await tab.locator("dialog").isVisible(), true);
    assert.match(await tab.locator("dialog").innerText(), /Line 2/);
    await accessible(tab);
    await tab.keyboard.press("Escape");
    assert.equal(await tab.locator("dialog").isVisible(), false);
    assert.equal(await focused(tab), "2", "the focus is where it was");

    // A chip is a filter.
    await tab.locator(".chips button", { hasText: "conflict" }).press("Enter");
    assert.equal(await count(tab), "2 of 250 rows");
    assert.equal(await tab.locator("#query").inputValue(), "status:conflict");
    assert.deepEqual(faults, []);
    await close();
  },

  async redacted() {
    const { tab, faults, close } = await open(page);
    await accessible(tab);
    assert.equal(await tab.locator("#table th").count(), 4);
    await filtered(tab, "status:conflict", "2 of 250 rows");
    assert.deepEqual(faults, []);
    await close();
  },

  async hostile() {
    for (const width of [1280, 390]) {
      const { tab, faults, close } = await open(page, { viewport: { width, height: 900 } });
      await accessible(tab);
      const rows = await tab.locator("#body tr[aria-rowindex]").count();
      assert.ok(rows > 10, `${rows} rows`);
      await tab.locator("#body button").nth(1).press("Enter");
      await tab.keyboard.press("Escape");
      for (const query of ["<script>", "</script>", "=hyperlink", "__proto__", "\"][(", "status:<img>", "cause:*"]) {
        await tab.locator("#query").fill(query);
      }
      assert.equal(await tab.evaluate(() => window.ran), undefined);
      assert.equal(await tab.locator("img, iframe, object, embed, form, base").count(), 0);
      const links = await tab.locator("a").evaluateAll((all) => all.map((one) => one.getAttribute("href")));
      assert.deepEqual(links, ["#rows"]);
      const wide = await tab.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      assert.equal(wide, false, `the page is wider than ${width}`);
      assert.deepEqual(faults, []);
      await close();
    }
  },

  async noscript() {
    const { tab, faults, close } = await open(page, { javaScriptEnabled: false });
    assert.equal(await tab.locator(".static tbody tr").count(), 3);
    assert.equal(await tab.locator(".static").isVisible(), true);
    assert.equal(await tab.locator(".app").isVisible(), false);
    assert.equal(await tab.locator(".chart svg").isVisible(), true);
    assert.deepEqual(faults, []);
    await close();
  },

  // The page of a run at work, which replaces it until it ends.
  async live() {
    const { existsSync } = await import("node:fs");
    const { setTimeout } = await import("node:timers/promises");
    for (let tries = 0; !existsSync(page) && tries < 600; tries++) await setTimeout(100);
    const { tab, faults, close } = await open(page);
    assert.equal(await tab.locator("#live").isVisible(), true);
    await accessible(tab);
    await tab.locator("#live").waitFor({ state: "detached", timeout: 120_000 });
    assert.match(await tab.locator("h1").innerText(), /247 of 250 customers are in the sandbox/);
    assert.deepEqual(faults, []);
    await close();
  },

  async large() {
    const { tab, faults, close, loaded } = await open(page);
    const times = await tab.evaluate(() => ({
      paint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
      ready: performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd,
    }));
    assert.equal(await count(tab), "100,000 of 100,000 rows");
    const rows = await tab.locator("#body tr").count();
    assert.ok(rows < 80, `${rows} rows are in the page`);
    const timed = async (what) => {
      const began = Date.now();
      await what();
      return Date.now() - began;
    };
    const filter = await timed(() => filtered(tab, "status:conflict", "100 of 100,000 rows"));
    const search = await timed(() => filtered(tab, "customer99999.", "1 of 100,000 rows"));
    await filtered(tab, "", "100,000 of 100,000 rows");
    const sort = await timed(() => tab.locator("#table th button", { hasText: "Name" }).press("Enter"));
    await tab.locator("#body button").first().focus();
    await tab.keyboard.press("End");
    assert.match(await tab.locator("#body tr[aria-rowindex='100001']").innerText(), /Customer 99999/);
    assert.deepEqual(faults, []);
    console.log(JSON.stringify({ loaded, ...times, filter, search, sort }));
    await close();
  },
};

await scenarios[scenario]();
