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
