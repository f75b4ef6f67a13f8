// A server, a browser, and a runner of tests that says what failed and goes on.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const QUIET = [
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-default-apps",
  "--disable-domain-reliability",
  "--disable-sync",
  "--metrics-recording-only",
  "--no-first-run",
  "--no-pings",
];

export const browser = await chromium.launch({ executablePath: process.env.LOCKGATE_CHROMIUM ?? "/usr/bin/chromium", args: QUIET });

const children = [];

/** A workbench with these arguments: where it is, and what ends it. */
export async function workbench(...args) {
  const child = spawn(process.env.LOCKGATE_WORKBENCH, args, { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  const url = await new Promise((resolve, reject) => {
    child.stdout.once("data", (line) => resolve(String(line).trim()));
    child.once("exit", (code) => reject(new Error(`the workbench ended with ${code}`)));
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const api = async (method, path, body, headers = {}) => {
    const answer = await fetch(url + path, { method, body, headers, redirect: "manual" });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, text, json: () => JSON.parse(text) };
  };
  const idle = async () => {
    for (;;) {
      const status = (await api("GET", "/v1/status")).json();
      if (!status.busy.length) return status;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  return { url, api, idle, stop: () => (child.kill(), ended) };
}

/** A page whose every fault is kept: what ran and must not, what was refused by the policy, what was asked of others. */
export async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  watch(page);
  return page;
}

export function watch(page) {
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(`threw: ${error}`));
  page.on("dialog", (dialog) => {
    page.faults.push(`a dialog opened: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("console", (message) => {
    if (/Content Security Policy|Trusted|Refused to/i.test(message.text())) page.faults.push(message.text());
  });
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (!(protocol === "http:" && hostname === "127.0.0.1")) page.faults.push(`asked ${request.url()}`);
  });
}

/** What axe finds. */
export async function axe(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target.join(" ")} (${node.any[0]?.message ?? node.all[0]?.message ?? node.none[0]?.message ?? ""})`).slice(0, 3).join(", ")}`);
}

/** The page is not wider than the window, and nothing lies in it that the console did not draw. */
export async function sound(page, where) {
  const found = await page.evaluate(() => ({
    wider: document.scrollingElement.scrollWidth - innerWidth,
    foreign: [...document.querySelectorAll("iframe, object, embed, img, base, style, form[action^='http'], [onerror], [onload], [onclick], [style], a[href^='javascript' i]")].map((of) => of.outerHTML.slice(0, 120)),
    scripts: [...document.scripts].filter((of) => !of.getAttribute("src")?.startsWith("/console/assets/")).length,
    ran: globalThis.ran ?? null,
    inside: [...document.querySelectorAll(".said *")].filter((of) => !of.matches("span.sign, span.more")).length,
  }));
  assert.deepEqual(found, { wider: Math.min(found.wider, 0), foreign: [], scripts: 0, ran: null, inside: 0 }, where);
  assert.deepEqual(page.faults, [], where);
}

const tests = [];

/** One behaviour; its name is a sentence. */
export function test(name, body) {
  tests.push({ name, body });
}

/** Runs all whose names contain the filter; ends the process. */
export async function run(filter = "") {
  let failed = 0;
  for (const { name, body } of tests.filter((of) => of.name.includes(filter))) {
    const begun = performance.now();
    try {
      await body();
      console.log(`ok     ${name} (${((performance.now() - begun) / 1000).toFixed(1)} s)`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED ${name}\n${error.stack ?? error}`);
    }
    for (const context of browser.contexts()) await context.close();
  }
  await browser.close();
  for (const child of children) child.kill();
  console.log(failed ? `${failed} failed` : "all hold");
  process.exit(failed ? 1 : 0);
}
