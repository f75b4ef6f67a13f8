// At three at night: 312 tasks fail of one fault, among many that wait.
import assert from "node:assert/strict";
import { axe, open, sound, test, workbench } from "./lib.mjs";

const FAULTY = 312;

/** The application is mended: what fails now would be taken. Each task must have been tried once more, and no other. */
async function tries(bench) {
  const tasks = [];
  for (let after = ""; after !== null; ) {
    const { tasks: some, next } = (await bench.api("GET", `/v1/tasks?failing=true&connector=shop&limit=1000&after=${after}`)).json();
    tasks.push(...some);
    after = next;
  }
  return new Map(tasks.map(({ id, attempts }) => [id, attempts]));
}

async function ended(bench) {
  for (;;) {
    const [operation] = (await bench.api("GET", "/v1/operations?limit=1")).json().operations;
    if (operation && operation.state !== "running") return operation;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

for (const javaScriptEnabled of [true, false]) {
  test(`from the overview to all 312 tried again in at most 8 clicks, ${javaScriptEnabled ? "with" : "without"} JavaScript`, async () => {
    const bench = await workbench("--queued", "20000");
    const before = await tries(bench);
    assert.equal(before.size, FAULTY);
    const page = await open({ javaScriptEnabled });
    let clicks = 0;
    const click = async (locator) => {
      clicks += 1;
      await locator.click();
    };
    await page.goto(`${bench.url}/console`);
    await click(page.getByRole("link", { name: `${FAULTY} tasks fail` }));
    const group = page.locator("article", { hasText: `${FAULTY} tasks` });
    assert.match(await group.innerText(), /invalid/);
    await click(group.getByRole("link", { name: /Retry all/ }));
    await page.getByRole("heading", { name: `Retry ${FAULTY} tasks?` }).waitFor();
    await click(page.getByRole("button", { name: `Retry ${FAULTY} tasks` }));
    await page.waitForURL(/\/console\/operations\/\d+$/);
    const operation = await ended(bench);
    assert.deepEqual([operation.meant, operation.done + operation.failed, operation.passed_over], [FAULTY, FAULTY, 0]);
    await page.reload();
    assert.match(await page.locator("#result").innerText(), new RegExp(`Failed again\\s+${FAULTY}`));
    const after = await tries(bench);
    assert.deepEqual([...after].map(([id, attempts]) => attempts - before.get(id)), Array(FAULTY).fill(1), "each was tried once");
    assert.ok(clicks <= 8, `${clicks} clicks`);
    const { audit } = (await bench.api("GET", "/v1/audit?limit=10")).json();
    assert.deepEqual([audit[0].who, audit[0].action, audit[0].from], ["local", "operation-begin", "127.0.0.1"], JSON.stringify(audit[0]));
    await page.goto(`${bench.url}/console/audit`);
    assert.match(await page.locator("#list tbody tr").first().innerText(), /operation-begin/);
    await sound(page, "the audit");
    await sound(page, "the operation");
    await bench.stop();
  });
}

test("the keyboard alone leads from the fault to its tasks, one task, and all of them tried again", async () => {
  const bench = await workbench();
  const page = await open();
  await page.goto(`${bench.url}/console`);
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  assert.deepEqual(await axe(page), []);
  await page.keyboard.press("Escape");
  await page.keyboard.press("g");
  await page.keyboard.press("f");
  await page.waitForURL(/\/console\/failures/);
  await page.getByRole("link", { name: "See them" }).first().focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/console\/tasks\?/);
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  assert.match(await page.locator("#selected").innerText(), /\(1\)/);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/console\/tasks\/\d+/);
  await page.keyboard.press("r");
  await page.waitForURL(/said=/);
  assert.match(await page.locator("main").innerText(), /Tried:/);
  await page.keyboard.press("u");
  await page.waitForURL(/\/console\/tasks$/);
  await page.keyboard.press("g");
  await page.keyboard.press("f");
  await page.waitForURL(/\/console\/failures/);
  await page.getByRole("link", { name: /Retry all/ }).first().focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/console\/operations\/new/);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/console\/operations\/\d+$/);
  await bench.stop();
});

test("nothing selected is never everything", async () => {
  const bench = await workbench();
  const page = await open();
  await page.goto(`${bench.url}/console/tasks?failing=true`);
  await page.getByRole("group", { name: "With the selected tasks" }).getByRole("button", { name: /Delete/ }).click();
  assert.match(await page.locator("main").innerText(), /Nothing is selected/);
  await page.goBack();
  await page.getByLabel(/Select task/).nth(0).check();
  await page.getByLabel(/Select task/).nth(1).check();
  await page.getByRole("group", { name: "With the selected tasks" }).getByRole("button", { name: /Delete/ }).click();
  await page.getByRole("button", { name: "Delete 2 tasks" }).click();
  await page.waitForURL(/\/console\/operations\/\d+$/);
  assert.equal((await ended(bench)).meant, 2);
  await bench.stop();
});

/** The one task that is looked at: its payload is wrong, and `good` is what it should be. */
async function faulty(bench) {
  const [task] = (await bench.api("GET", "/v1/tasks?failing=true&connector=shop&limit=1")).json().tasks;
  const bad = (await bench.api("GET", `/v1/tasks/${task.id}/external`)).text;
  return { id: task.id, bad, good: bad.replace(" at example.com", "@example.com") };
}

async function mended(bench, { id, bad, good }) {
  await bench.idle();
  const ended = (await bench.api("GET", `/v1/tasks/${id}`)).json();
  assert.deepEqual([ended.state, ended.outcome, ended.edited.length], ["ended", "stored", 1], JSON.stringify(ended));
  const email = JSON.parse(good).object.fields.email;
  const stored = (await bench.api("GET", `/v1/objects/cms.user/${JSON.parse(good).object.code_name}`)).json();
  assert.equal(stored.fields.email, email);
  const actions = (await bench.api("GET", "/v1/audit?limit=10")).json().audit.map(({ action }) => action);
  for (const action of ["task-edit", "task-retry"]) assert.ok(actions.includes(action), `${action} in ${actions}`);
  assert.notEqual(bad, good);
}

test("the keyboard alone finds the fault, edits the payload, tries it and sends it again", async () => {
  const bench = await workbench();
  const task = await faulty(bench);
  const page = await open();
  const keys = async (...all) => {
    for (const key of all) await page.keyboard.press(key);
  };
  await page.goto(`${bench.url}/console`);
  await keys("g", "f");
  await page.waitForURL(/\/console\/failures/);
  for (let at = 0; at < 60 && !(await page.evaluate(() => document.activeElement.textContent === "See them")); at += 1) await keys("Tab");
  await keys("Enter");
  await page.waitForURL(/\/console\/tasks\?group=/);
  await keys("j", "Enter");
  await page.waitForURL(/\/console\/tasks\/\d+/);
  await keys("e");
  await page.waitForURL(/\/edit$/);
  for (let at = 0; at < 60 && !(await page.evaluate(() => document.activeElement.id === "payload")); at += 1) await keys("Tab");
  await keys("Control+A");
  await page.keyboard.insertText(task.good);
  await keys("Tab", "Enter");
  await page.waitForURL(/\/try$/);
  assert.match(await page.locator("main").innerText(), /would be stored/);
  assert.match(await page.locator(".would").allInnerTexts().then((all) => all.join()), /@example.com/);
  assert.deepEqual(await axe(page), []);
  await sound(page, "the try");
  for (let at = 0; at < 80 && !(await page.evaluate(() => document.activeElement.textContent === "Replace it and retry")); at += 1) await keys("Tab");
  await keys("Enter");
  await page.waitForURL(/said=stored/);
  assert.match(await page.locator("main").innerText(), /it is stored/);
  await mended(bench, task);
  await bench.stop();
});

test("without JavaScript a payload is edited, tried and sent again, to the byte", async () => {
  const bench = await workbench();
  const task = await faulty(bench);
  const page = await open({ javaScriptEnabled: false });
  await page.goto(`${bench.url}/console/tasks/${task.id}`);
  await page.getByRole("link", { name: /Edit the payload/ }).click();
  await page.getByLabel(/Payload/).fill(task.good);
  await page.getByRole("button", { name: /Try it/ }).click();
  assert.match(await page.locator("main").innerText(), /would be stored/);
  assert.equal((await bench.api("GET", `/v1/tasks/${task.id}/external`)).text, task.bad, "nothing was written");
  await page.getByRole("button", { name: "Replace it and retry" }).click();
  assert.match(await page.locator("main").innerText(), /it is stored/);
  await mended(bench, task);
  await bench.stop();
});

test("a payload of several lines comes back from a form as it went there", async () => {
  const bench = await workbench("--empty");
  await bench.api("POST", "/v1/connectors/hostile/pause");
  const page = await open();
  for (const text of ["\n\nfirst lines are empty\n", "a\r\nb\r\n", "<b>&amp;</textarea>\n\u202eé 👩‍👩‍👧‍👦", "  spaces \t "]) {
    const { task } = (await bench.api("POST", "/v1/connectors/hostile/tasks", text, { "content-type": "text/plain" })).json();
    await page.goto(`${bench.url}/console/tasks/${task}/edit`);
    await sound(page, text);
    await page.getByRole("button", { name: "Replace it", exact: true }).click();
    await page.waitForURL(/said=edited/);
    assert.equal((await bench.api("GET", `/v1/tasks/${task}/external`)).text, text);
  }
  await bench.stop();
});

test("a group is tried without writing, and says what would become of it", async () => {
  const bench = await workbench();
  const before = await tries(bench);
  const page = await open();
  await page.goto(`${bench.url}/console/failures`);
  await page.getByRole("button", { name: "Try them: nothing is written" }).first().click();
  await page.getByRole("heading", { name: /What would become of/ }).waitFor();
  assert.deepEqual(await axe(page), []);
  assert.deepEqual(await tries(bench), before, "no task was tried");
  await bench.stop();
});
