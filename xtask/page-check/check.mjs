// Opens the pages named in the plan in a headless browser, uses them as a reader does, and says what does not hold.
//
// node check.mjs PLAN.json; the plan: { chromium, pages: [{ name, kind, file, limit_ms, limit_octets }], shots }.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const plan = JSON.parse(readFileSync(process.argv[2], "utf8"));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const complaints = [];
let checked = 0;
const check = (holds, what) => {
  checked += 1;
  if (!holds) {
    complaints.push(what);
    console.log(`  NOT: ${what}`);
  }
};

const profile = mkdtempSync(join(tmpdir(), "page-check-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: plan.chromium,
  headless: true,
  viewport: { width: 1280, height: 900 },
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});
const helper = browser.browser();

/** A page in which everything that must not happen is written down. */
const open = async (address, options = {}) => {
  const context = helper && Object.keys(options).length > 0 ? await helper.newContext(options) : browser;
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const seen = { errors: [], requests: [], dialogs: 0 };
  page.on("console", (message) => { if (["error", "warning"].includes(message.type())) seen.errors.push(message.text()); });
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("request", (request) => seen.requests.push(request.url()));
  page.on("dialog", (dialog) => { seen.dialogs += 1; dialog.dismiss(); });
  await page.goto(address, { waitUntil: "load" });
  const done = async () => { await page.close(); if (context !== browser) await context.close(); };
  return { page, seen, done };
};
const quiet = (seen, address, where) => {
  check(seen.errors.length === 0, `${where}: no console error, but ${JSON.stringify(seen.errors.slice(0, 3))}`);
  const foreign = seen.requests.filter((url) => url.split("#")[0] !== address.split("#")[0]);
  check(foreign.length === 0, `${where}: no request but for the page, but ${foreign.slice(0, 3)}`);
  check(seen.dialogs === 0, `${where}: no dialog by foreign text`);
};
const shownOf = (page, selector) => page.evaluate((selector) =>
  [...document.querySelectorAll(selector)].filter((one) => !one.closest("[hidden]")).length, selector);
const inView = (page, selector) => page.evaluate((selector) => {
  const box = document.querySelector(selector).getBoundingClientRect();
  return box.bottom > 0 && box.top < innerHeight;
}, selector);
const focused = (page) => page.evaluate(() => {
  const own = document.activeElement;
  return own.matches("summary, a") ? (own.closest(".finding, .row") ? "entry" : own.tagName) : own.name || own.tagName;
});

/** Milliseconds from the start of loading until the page has been laid out and answers; the best of three. */
const interactive = async (address) => {
  let best = { ready: Infinity, filter: Infinity };
  for (let round = 0; round < 3; round += 1) {
    const { page, done } = await open(address);
    const ready = await page.evaluate(() => new Promise((resolve) =>
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now())))));
    const loaded = await page.evaluate(() => performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd);
    const painted = await page.evaluate(() => (performance.getEntriesByType("paint").at(-1) || { startTime: 0 }).startTime);
    const filter = await page.evaluate(() => new Promise((resolve) => {
      const start = performance.now();
      const text = document.querySelector("#filter input[type=search]");
      text.value = "close";
      text.dispatchEvent(new Event("input", { bubbles: true }));
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start)));
    }));
    const all = Math.max(loaded, painted);
    best = { ready: Math.min(best.ready, all, ready), filter: Math.min(best.filter, filter) };
    await done();
  }
  return best;
};

/** What axe finds; of long lists the beginning speaks for the rest, because axe looks at every element many times. */
const accessible = async (address, options, where, prepare) => {
  const { page, done } = await open(address, options);
  await page.evaluate(() => {
    for (const rest of document.querySelectorAll(".case ~ .case ~ .case ~ .case, #rows > .group:nth-child(n+20), .area:nth-of-type(n+3) > ul")) rest.remove();
    // Laid out at once, so that nothing moves while it is measured.
    for (const box of document.querySelectorAll(".case, .group")) box.style.contentVisibility = "visible";
    for (const box of document.querySelectorAll(".area, .row")) box.open = true;
  });
  if (prepare) await prepare(page);
  await page.evaluate(axe);
  const found = await page.evaluate(() => axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    resultTypes: ["violations"],
  }));
  for (const one of found.violations) {
    console.log(`  ${where}: ${one.id}: ${one.help}, at ${one.nodes.slice(0, 3).map((node) => `${node.target} (${(node.any[0] || {}).message || ""})`).join("; ")}`);
  }
  check(found.violations.length === 0, `${where}: axe finds nothing`);
  await done();
};

/** What holds for every page. */
const everywhere = async ({ name, file, limit_ms: limit, limit_octets: most }) => {
  const address = pathToFileURL(file).href;
  const size = statSync(file).size;
  check(size <= most, `${name}: ${size} octets are at most ${most}`);
  const { ready, filter } = await interactive(address);
  check(ready <= limit, `${name}: interactive after ${Math.round(ready)} ms, at most ${limit}`);
  const { page, seen, done } = await open(address);
  const live = await page.evaluate(() => ({
    hit: window.hit,
    scripts: document.scripts.length,
    odd: [...document.querySelectorAll("a[href]")].map((link) => link.getAttribute("href"))
      .filter((href) => !href.startsWith("#") && !href.startsWith("https://www.rfc-editor.org/rfc/rfc")),
    loaders: document.querySelectorAll("img, iframe, object, embed, link, base, meta[http-equiv=refresh], [onerror], [onclick], [autofocus]").length,
    hidden: /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/.test(document.body.textContent),
    moving: document.getAnimations().length,
  }));
  check(live.hit === undefined && live.scripts === 1, `${name}: foreign text runs nothing`);
  check(live.odd.length === 0, `${name}: links lead into the page or to an RFC, but ${live.odd.slice(0, 3)}`);
  check(live.loaders === 0, `${name}: nothing in it loads or listens`);
  check(!live.hidden, `${name}: no hidden character is in it`);
  check(live.moving === 0, `${name}: nothing moves`);
  await page.evaluate(() => { for (const box of document.querySelectorAll("details")) box.open = true; });
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
  check(await page.evaluate(() => window.hit === undefined), `${name}: unfolded, foreign text runs nothing`);
  const wide = await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);
  check(wide <= 0, `${name}: no scrolling sideways, but ${wide} px`);
  quiet(seen, address, name);
  await done();
  const findings = (readFileSync(file, "utf8").match(/<details class="finding /g) || []).length;
  console.log(`${name}: ${size} octets, ${findings} findings, interactive after ${Math.round(ready)} ms, first search ${Math.round(filter)} ms`);
};

const keys = async (address, name) => {
  const { page, seen, done } = await open(address);
  const rows = await shownOf(page, "#rows .row");
  await page.keyboard.press("/");
  check(await focused(page) === "text", `${name}: / leads to the search`);
  const needle = await page.evaluate(() => document.querySelector(".finding .name").textContent.split("[")[0]);
  await page.keyboard.type(needle);
  const found = await shownOf(page, "#rows .row");
  check(found > 0 && found < rows, `${name}: the search for ${needle} shows ${found} of ${rows}`);
  check((await page.textContent("#filter output")).startsWith(`${found} of ${rows} instances`), `${name}: the count is told`);
  check(page.url().includes("#?text="), `${name}: the search is in the address`);
  await page.keyboard.press("ArrowDown");
  check(await focused(page) === "entry" && await inView(page, "summary:focus"), `${name}: ↓ leads to an entry that is in view`);
  const was = await page.evaluate(() => document.activeElement.parentElement.open);
  await page.keyboard.press("Enter");
  check(await page.evaluate(() => document.activeElement.parentElement.open) === !was, `${name}: Enter opens or closes it`);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  check(await focused(page) === "entry", `${name}: ↓ ↑ stay among the entries`);
  await page.keyboard.press("Escape");
  check(await focused(page) === "text", `${name}: Esc leads back to the search`);
  await page.keyboard.press("Escape");
  check(await shownOf(page, "#rows .row") === rows, `${name}: Esc empties the search`);
  await page.keyboard.press("Escape");
  check(await focused(page) === "BODY", `${name}: Esc leaves the search`);
  await page.keyboard.press("j");
  check(await focused(page) === "entry", `${name}: j leads to an entry`);
  await page.keyboard.press("?");
  check(await page.isVisible("#keys"), `${name}: ? shows the keys`);
  await page.uncheck("#keys input");
  await page.keyboard.press("Escape");
  check(!await page.isVisible("#keys"), `${name}: Esc closes the help`);
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("/");
  check(await focused(page) !== "text", `${name}: / can be switched off`);
  await page.evaluate(() => { try { localStorage.clear(); } catch { /* none */ } });
  quiet(seen, address, `${name}, keys`);
  await done();
};

const filters = async (address, name) => {
  const { page, done } = await open(address);
  await page.evaluate(() => { document.querySelector("#filter .more").open = true; });
  const rows = await shownOf(page, "#rows .row");
  await page.uncheck("#filter input[value=pass]");
  const left = await shownOf(page, "#rows .row");
  check(left < rows && await shownOf(page, "#rows .row[data-verdict=pass]") === 0, `${name}: a verdict can be left out`);
  await page.click("#filter button[name=clear]");
  check(await shownOf(page, "#rows .row") === rows, `${name}: Clear shows all`);
  for (const what of ["area", "level"]) {
    await page.selectOption(`#filter select[name=${what}]`, { index: 1 });
    const shown = await shownOf(page, "#rows .row");
    check(shown > 0 && shown <= rows, `${name}: the filter by ${what} shows some`);
    await page.click("#filter button[name=clear]");
  }
  await page.selectOption("#filter select[name=state]", "flaky");
  const flaky = await page.evaluate(() => document.querySelectorAll("#rows .row[data-state~=flaky]").length);
  check(await shownOf(page, "#rows .row") === flaky, `${name}: the filter by state shows what is flaky`);
  check(flaky > 0 || await page.isVisible("#instances ~ .nothing"), `${name}: it says when nothing is shown`);
  await page.click("#filter button[name=clear]");
  await page.click("a.tile.fail");
  check(await shownOf(page, "#rows .row") === await shownOf(page, "#rows .row[data-verdict=fail]"), `${name}: a number of the summary is a filter`);
  const again = await open(page.url());
  check(await shownOf(again.page, "#rows .row:not([data-verdict=fail])") === 0, `${name}: the filter comes back with its address`);
  await again.done();
  await done();
};

const links = async (address, name) => {
  const first = await open(address);
  const ids = await first.page.evaluate(() => ({
    finding: [...document.querySelectorAll(".finding > .body")].at(-1).id,
    case: [...document.querySelectorAll(".case")].at(-1).id,
    passed: document.querySelector("#rows details.row[data-verdict=pass] code").textContent,
  }));
  await first.done();
  const hash = (id) => `${address}#${encodeURIComponent(id)}`;
  const lands = async (url, selector, what) => {
    const { page, seen, done } = await open(url);
    await page.waitForTimeout(100);
    const where = await page.evaluate((selector) => {
      const own = document.querySelector(selector);
      const box = own && own.getBoundingClientRect();
      const bar = document.getElementById("filter").getBoundingClientRect();
      return { open: own && own.open, top: box && box.top, under: bar.top <= 0 ? bar.bottom : 0, height: innerHeight };
    }, selector);
    check(where.open === true && where.top >= where.under - 1 && where.top < where.height / 2, `${name}: ${what} is open and in view: ${JSON.stringify(where)}`);
    check(await focused(page) === "entry", `${name}: ${what} has the focus`);
    quiet(seen, url, `${name}, ${what}`);
    await done();
  };
  const escape = (id) => id.replace(/["\\]/g, "\\$&");
  await lands(hash(ids.finding), `.finding:has(> [id="${escape(ids.finding)}"])`, "a finding by its address");
  const { page, done } = await open(hash(`finding=${ids.passed}`));
  const fixed = await page.evaluate((name) => {
    const row = [...document.querySelectorAll("#rows .row")].find((row) => row.querySelector("code").textContent === name);
    return { open: row.open, top: row.getBoundingClientRect().top, height: innerHeight };
  }, ids.passed);
  check(fixed.open && fixed.top >= 0 && fixed.top < fixed.height, `${name}: what is no finding any more is found in the list: ${JSON.stringify(fixed)}`);
  await page.evaluate((id) => { location.hash = `#${encodeURIComponent(id)}`; }, ids.case);
  await page.waitForTimeout(100);
  check(await inView(page, `[id="${escape(ids.case)}"]`), `${name}: a case by its address`);
  await page.evaluate(() => { location.hash = "#finding=no/such"; });
  await page.waitForTimeout(100);
  check((await page.textContent("#filter output")).includes("no/such"), `${name}: a link to nothing says so`);
  await done();
};

const without = async (address, name) => {
  const bare = await open(address, { javaScriptEnabled: false });
  check(!await bare.page.isVisible("#filter"), `${name}: without scripts there is no filter that does nothing`);
  const closed = bare.page.locator(".finding:not([open])").first();
  if (await closed.count() > 0) {
    const summary = await closed.locator("summary").elementHandle();
    await summary.click();
    check(await summary.evaluate((own) => own.parentElement.open), `${name}: without scripts a finding opens`);
  }
  quiet(bare.seen, address, `${name}, without scripts`);
  await bare.done();
};

const looks = async (address, name, shots) => {
  const shot = async (page, what) => { if (shots) await page.screenshot({ path: join(shots, `${name}-${what}.png`) }); };
  for (const colorScheme of ["light", "dark"]) {
    const options = { colorScheme, viewport: { width: 1280, height: 900 } };
    await accessible(address, options, `${name}, ${colorScheme}`);
    await accessible(address, options, `${name}, ${colorScheme}, help`, (page) => page.keyboard.press("?"));
    const { page, done } = await open(address, options);
    await shot(page, `${colorScheme}-top`);
    await page.evaluate(() => document.getElementById("findings").scrollIntoView());
    await shot(page, `${colorScheme}-findings`);
    await page.evaluate(() => document.getElementById("cases").scrollIntoView());
    await page.evaluate(() => { document.querySelector(".area").open = true; });
    await shot(page, `${colorScheme}-cases`);
    await page.evaluate(() => document.getElementById("instances").scrollIntoView());
    await shot(page, `${colorScheme}-instances`);
    await page.keyboard.press("?");
    await shot(page, `${colorScheme}-help`);
    await done();
  }
  const small = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };
  await accessible(address, small, `${name}, phone`);
  const phone = await open(address, small);
  const wide = await phone.page.evaluate(() => document.scrollingElement.scrollWidth);
  check(wide <= 390, `${name}: a phone needs no scrolling sideways, but ${wide} px`);
  await shot(phone.page, "phone-top");
  for (const part of ["findings", "cases", "instances"]) {
    await phone.page.evaluate((part) => document.getElementById(part).scrollIntoView(), part);
    await shot(phone.page, `phone-${part}`);
  }
  await phone.page.evaluate(() => document.querySelector(".finding[open] .wire").scrollIntoView());
  await shot(phone.page, "phone-wire");
  await phone.done();
  const paper = await open(address);
  await paper.page.emulateMedia({ media: "print", colorScheme: "light" });
  check(!await paper.page.isVisible("#filter"), `${name}: paper has no filter`);
  const pdf = await paper.page.pdf({ format: "A4", pageRanges: "1-4", printBackground: true, ...(shots ? { path: join(shots, `${name}.pdf`) } : {}) });
  check(pdf.length > 10_000, `${name}: it prints`);
  await paper.done();
};

const since = (start) => `${((performance.now() - start) / 1000).toFixed(1)} s`;
const timed = async (what, work) => {
  const start = performance.now();
  // What cannot even be tried does not hold; the other checks go on.
  try {
    await work();
  } catch (error) {
    check(false, `${what}: ${String(error).split("\n")[0]}`);
  }
  if (process.env.PAGE_CHECK_TIMES) console.log(`    ${what}: ${since(start)}`);
};

try {
  if (plan.shots) mkdirSync(plan.shots, { recursive: true });
  for (const one of plan.pages) {
    const address = pathToFileURL(one.file).href;
    await timed(`${one.name}, everywhere`, () => everywhere(one));
    if (one.kind === "hostile") continue;
    await timed(`${one.name}, keys`, () => keys(address, one.name));
    await timed(`${one.name}, filters`, () => filters(address, one.name));
    await timed(`${one.name}, links`, () => links(address, one.name));
    await timed(`${one.name}, without scripts`, () => without(address, one.name));
    if (one.kind === "ordinary") await timed(`${one.name}, looks`, () => looks(address, one.name, plan.shots));
  }
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
}
console.log(`${checked} checks, ${complaints.length} of them do not hold`);
process.exitCode = complaints.length > 0 ? 1 : 0;
