// Whatever a sender or a connector says is shown, and obeyed by nobody.
import assert from "node:assert/strict";
import { corpus } from "./corpus.mjs";
import { axe, open, sound, test, workbench } from "./lib.mjs";

/** Each text as a payload that is stored, waited for, skipped with and refused with, and as a title where one takes it. */
async function submitted(bench) {
  for (const [at, { bytes }] of corpus.entries()) {
    const title = new TextDecoder().decode(bytes).slice(0, 180);
    for (const way of ["store", "wait", "skip", "fail"]) {
      const query = new URLSearchParams({ subject: `${way}-${at}`, title });
      const headers = { "content-type": `text/x-${way}-${at}` };
      let answer = await bench.api("POST", `/v1/connectors/hostile/tasks?${query}`, bytes, headers);
      if (answer.status === 400) answer = await bench.api("POST", `/v1/connectors/hostile/tasks?subject=${way}-${at}`, bytes, headers);
      assert.equal(answer.status, 201, `${corpus[at].name}: ${answer.text}`);
    }
  }
  await bench.api("POST", "/v1/connectors/hostile/process");
  return bench.idle();
}

async function all(bench, path, list) {
  const found = [];
  for (let after = ""; after !== null; ) {
    const answer = (await bench.api("GET", `${path}${path.includes("?") ? "&" : "?"}limit=1000&${list === "history" ? "before" : "after"}=${after}`)).json();
    found.push(...answer[list]);
    after = answer.next;
  }
  return found;
}

test("sixty hostile texts are shown on every page, and nothing of them runs or breaks it", async () => {
  assert.equal(corpus.length, 60);
  const bench = await workbench("--empty");
  const status = await submitted(bench);
  assert.ok((status.queued.hostile ?? 0) + (status.failed.hostile ?? 0) >= corpus.length, JSON.stringify(status.failed));
  const tasks = await all(bench, "/v1/tasks?connector=hostile", "tasks");
  const objects = await all(bench, "/v1/objects?type=cms.user", "objects");
  const ended = await all(bench, "/v1/history", "history");
  assert.ok(tasks.length >= corpus.length && objects.length >= 50 && ended.length >= corpus.length, `${tasks.length} ${objects.length} ${ended.length}`);
  const lists = ["/console", "/console/tasks", "/console/tasks?state=failed", "/console/failures", "/console/missing", "/console/history", "/console/content", "/console/operations/new?all=retry&connector=hostile"];
  for (const width of [360, 1280]) {
    const page = await open({ viewport: { width, height: 800 } });
    const see = async (address) => {
      await page.goto(bench.url + address);
      await sound(page, `${address} ${width}`);
    };
    for (const list of lists) {
      await see(list);
      for (let next = page.locator("a[rel=next]"); await next.count(); next = page.locator("a[rel=next]")) {
        await next.first().click();
        await sound(page, `${page.url()} ${width}`);
      }
    }
    // Half of the single pages at each width: they are many.
    const half = (of, at) => at % 2 === (width === 360 ? 0 : 1);
    for (const { id } of tasks.filter(half)) await see(`/console/tasks/${id}`);
    for (const { id } of tasks.filter(half).slice(0, 30)) for (const view of ["text", "hex"]) await see(`/console/tasks/${id}?view=${view}`);
    for (const { id } of objects.filter(half)) await see(`/console/content/objects/${id}`);
    for (const { task } of ended.filter(half)) await see(`/console/tasks/${task}`);
    await page.goto(`${bench.url}/console/tasks`);
    assert.deepEqual(await axe(page), [], `tasks ${width}`);
    await page.context().close();
  }
  await bench.stop();
});

test("hostile addresses are answered, and nothing of them runs or leads elsewhere", async () => {
  const bench = await workbench("--empty");
  const page = await open();
  const texts = ["<script>globalThis.ran=1</script>", "\"><img src=x onerror=globalThis.ran=1>", "javascript:globalThis.ran=1", "//evil.example", "\u202eabc", "%00", "x".repeat(3000)];
  for (const text of texts) {
    const value = encodeURIComponent(text);
    for (const address of [`/console/tasks?title=${value}`, `/console/tasks?state=${value}`, `/console/tasks?code=${value}&connector=${value}`, `/console/history?type=${value}&name=${value}`,
      `/console/content?type=${value}`, `/console/content/pages?site=main&path=${value}`, `/console/failures?connector=${value}`, `/console?said=${value}&hours=${value}`,
      `/console/login?to=${value}`, `/console/tasks/1?view=${value}`, `/console/operations/new?all=${value}`, `/console/connectors/${value}`, `/console/${value}`]) {
      await page.goto(bench.url + address);
      await sound(page, address);
    }
  }
  await bench.stop();
});
