// Every page, in both themes and at both widths.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { axe, open, sound, test, workbench } from "./lib.mjs";

/** Every address of the console that shows something, with the workbench's data. */
export async function addresses({ api }) {
  const first = async (path, list, member) => (await api("GET", path)).json()[list][0][member];
  const failed = await first("/v1/tasks?failing=true&limit=1", "tasks", "id");
  const parked = await first("/v1/tasks?state=parked&limit=1", "tasks", "id");
  const ended = await first("/v1/history?limit=1", "history", "task");
  const object = await first("/v1/objects?type=cms.user&limit=1", "objects", "id");
  const operation = (await api("POST", "/v1/operations", JSON.stringify({ action: "retry", filter: { ids: [failed] } }))).json().id;
  return [
    "/console",
    "/console?hours=1",
    "/console/tasks",
    "/console/tasks?state=parked",
    "/console/tasks?title=nobody%20has%20this",
    `/console/tasks/${failed}`,
    `/console/tasks/${failed}?view=hex`,
    `/console/tasks/${parked}`,
    `/console/tasks/${ended}`,
    "/console/failures",
    "/console/missing",
    "/console/connectors",
    "/console/connectors/shop",
    "/console/content",
    `/console/content/objects/${object}`,
    "/console/content/pages",
    "/console/content/pages?site=main&path=/Home/News",
    "/console/history",
    "/console/history?type=cms.user",
    "/console/operations",
    `/console/operations/${operation}`,
    "/console/operations/new?all=retry&failing=true",
    "/console/operations/new?selected=retry",
    "/console/audit",
    `/console/tasks/${failed}/edit`,
    "/console/failures?code=invalid",
    "/console/keys",
    "/console/login",
    "/console/nothing/here",
  ];
}

test("every page is accessible, in both themes and at both widths, and fits its window", async () => {
  const bench = await workbench();
  const all = await addresses(bench);
  const faults = [];
  const commands = new Set();
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [360, 1280]) {
      const page = await open({ colorScheme, viewport: { width, height: 800 } });
      for (const address of all) {
        await page.goto(bench.url + address);
        const where = `${address} ${colorScheme} ${width}`;
        await sound(page, where);
        assert.ok(await page.locator("h1").count(), where);
        for (const line of await page.locator(".cli code").allTextContents()) commands.add(line);
        for (const fault of await axe(page)) faults.push(`${where}: ${fault}`);
      }
      await page.context().close();
    }
  }
  assert.deepEqual(faults, []);
  assert.ok(commands.size > 15, [...commands].join("\n"));
  // The program itself says whether it would take each of them.
  for (const line of process.env.LOCKGATE_PROGRAM ? commands : []) {
    const words = line.replace("FILE.wasm", "x.wasm").split(" ").slice(1);
    const { status, stderr } = spawnSync(process.env.LOCKGATE_PROGRAM, [...words, "--help"], { encoding: "utf8" });
    assert.equal(status, 0, `${line}: ${stderr}`);
  }
  await bench.stop();
});

test("an empty server says what would stand there", async () => {
  const bench = await workbench("--empty");
  const page = await open();
  for (const [address, says] of [
    ["/console", "Nothing is blocked"],
    ["/console/tasks", "No task waits"],
    ["/console/failures", "Nothing fails"],
    ["/console/missing", "Nothing is missing"],
    ["/console/content", "No object is stored"],
    ["/console/history", "Nothing has ended"],
    ["/console/operations", "Nothing was done"],
  ]) {
    await page.goto(bench.url + address);
    assert.match(await page.locator("main").innerText(), new RegExp(says), address);
    assert.deepEqual(await axe(page), [], address);
  }
  await bench.stop();
});
