// Tabs follow what happens, all of them over one stream.
import assert from "node:assert/strict";
import { open, test, watch, workbench } from "./lib.mjs";

const body = (name) => JSON.stringify({ object: { type: "cms.user", code_name: name } });

test("twelve tabs load at once, and follow what happens over one stream", async () => {
  const bench = await workbench("--empty");
  const first = await open();
  const context = first.context();
  const tabs = [first, ...(await Promise.all(Array.from({ length: 11 }, () => context.newPage())))];
  tabs.slice(1).forEach(watch);
  await Promise.all(tabs.map((tab) => tab.goto(`${bench.url}/console`, { timeout: 30000 })));
  await Promise.all(tabs.map((tab) => tab.locator("#live:not(.stale)", { hasText: "live" }).waitFor({ timeout: 30000 })));
  for (const tab of tabs) assert.deepEqual(tab.faults, []);
  // A tab that is looked at shows what has come since.
  const shown = tabs[11];
  await shown.bringToFront();
  await bench.api("POST", "/v1/connectors/blog/pause");
  await bench.api("POST", "/v1/connectors/blog/tasks", body("ann"));
  await shown.locator("#queues a[href$='connector=blog&state=queued']", { hasText: "1" }).waitFor({ timeout: 15000 });
  await bench.stop();
});

test("what is shown says when it is old, and goes on when the server is back", async () => {
  const bench = await workbench("--empty");
  const page = await open();
  await page.goto(`${bench.url}/console`);
  await page.locator("#live", { hasText: "live" }).waitFor();
  await bench.stop();
  await page.locator("#live.stale", { hasText: "does not answer; as of" }).waitFor({ timeout: 15000 });
  const again = await workbench("--empty", "--port", new URL(bench.url).port);
  await page.locator("#live:not(.stale)", { hasText: "live" }).waitFor({ timeout: 30000 });
  await again.stop();
});

test("nobody's typing is taken away by what happens meanwhile", async () => {
  const bench = await workbench("--empty");
  const page = await open();
  await bench.api("POST", "/v1/connectors/blog/pause");
  await bench.api("POST", "/v1/connectors/blog/tasks?title=one", body("one"));
  await page.goto(`${bench.url}/console/tasks`);
  await page.locator("#live", { hasText: "live" }).waitFor();
  await page.getByLabel("Title contains").fill("half of a wo");
  await page.getByLabel(/Select task/).check();
  await bench.api("POST", "/v1/connectors/blog/tasks?title=two", body("two"));
  await page.locator("nav.pages .count", { hasText: "2" }).first().waitFor({ timeout: 15000 });
  assert.equal(await page.getByLabel("Title contains").inputValue(), "half of a wo");
  assert.ok(await page.getByLabel(/Select task/).first().isChecked());
  await bench.stop();
});

test("a server that ends does not wait for those who follow", async () => {
  const bench = await workbench("--empty");
  const page = await open();
  await page.goto(`${bench.url}/console`);
  await page.locator("#live", { hasText: "live" }).waitFor();
  const begun = Date.now();
  await bench.stop();
  assert.ok(Date.now() - begun < 10000);
});
