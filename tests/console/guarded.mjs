// Who may look, who may order, and what comes from elsewhere.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { open, sound, test, workbench } from "./lib.mjs";
import { addresses } from "./pages.mjs";

const TOKEN = "a-token-for-tests-0123456789";

/** Every order that a form of the console can give. */
const ORDERS = [
  "/console/tasks/1/retry",
  "/console/tasks/1/skip",
  "/console/tasks/1/delete",
  "/console/tasks/1/process-type",
  "/console/missing/0000000000000001/ignore",
  "/console/connectors/shop/pause",
  "/console/connectors/shop/disable",
  "/console/connectors/shop/approve",
  "/console/connectors/shop/rollback",
  "/console/switches",
  "/console/process",
  "/console/operations",
  "/console/operations/1/cancel",
  "/console/logout",
];

const form = (fields) => ({ body: new URLSearchParams(fields).toString(), headers: { "content-type": "application/x-www-form-urlencoded" } });

test("without a token nothing is shown, and nothing can be ordered", async () => {
  const bench = await workbench("--token", TOKEN, "--empty");
  for (const address of ["/console", "/console/tasks", "/console/tasks/1", "/console/failures", "/console/missing", "/console/connectors", "/console/connectors/shop",
    "/console/content", "/console/content/pages", "/console/history", "/console/operations", "/console/audit", "/console/events", "/console/keys"]) {
    const answer = await bench.api("GET", address);
    assert.equal(answer.status, 303, address);
    assert.match(answer.headers.get("location"), /^\/console\/login\?to=/, address);
  }
  for (const address of ORDERS) {
    const { body, headers } = form({ "form-token": "x" });
    const answer = await bench.api("POST", address, body, headers);
    assert.equal(answer.status, 303, address);
    assert.match(answer.headers.get("location"), /^\/console\/login/, address);
  }
  await bench.stop();
});

test("a token logs in, its session sees every page, and is over when it is logged out", async () => {
  const bench = await workbench("--token", TOKEN, "--empty");
  const page = await open();
  await page.goto(`${bench.url}/console/tasks?state=failed`);
  await page.getByLabel("Token").fill("not-the-token-0123456789");
  await page.getByRole("button", { name: "Log in" }).click();
  assert.match(await page.locator("main").innerText(), /not one of those/);
  await page.getByLabel("Token").fill(TOKEN);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.waitForURL(`${bench.url}/console/tasks?state=failed`);
  const [cookie] = await page.context().cookies();
  assert.deepEqual([cookie.httpOnly, cookie.sameSite, cookie.path], [true, "Strict", "/console"]);
  assert.ok(!cookie.value.includes(TOKEN) && !(await page.content()).includes(TOKEN));
  await sound(page, "logged in");
  await page.getByRole("button", { name: "Log out" }).click();
  await page.waitForURL(`${bench.url}/console/login`);
  await page.context().addCookies([cookie]);
  await page.goto(`${bench.url}/console`);
  assert.match(page.url(), /\/console\/login/);
  await bench.stop();
});

test("an order without what the form carries is refused, and so is one of another site", async () => {
  const bench = await workbench("--empty");
  const before = (await bench.api("GET", "/v1/status")).json().switches;
  for (const address of ORDERS) {
    for (const [fields, more] of [
      [{}, {}],
      [{ "form-token": "0".repeat(64) }, {}],
      [{}, { origin: "http://evil.example" }],
      [{}, { "sec-fetch-site": "cross-site" }],
      [{}, { "sec-fetch-site": "same-site" }],
    ]) {
      const { body, headers } = form({ switch: "processing", to: "off", ...fields });
      const answer = await bench.api("POST", address, body, { ...headers, ...more });
      assert.equal(answer.status, 403, `${address} ${JSON.stringify({ ...fields, ...more })}`);
    }
  }
  assert.deepEqual((await bench.api("GET", "/v1/status")).json().switches, before);
  await bench.stop();
});

test("a page of another site sends a form with the right token in vain", async () => {
  const bench = await workbench("--empty");
  const own = (await bench.api("GET", "/console")).text.match(/name="form-token" value="([0-9a-f]{64})"/)[1];
  const evil = createServer((_, answer) => {
    answer.setHeader("content-type", "text/html");
    answer.end(`<form method=post action="${bench.url}/console/switches"><input name=form-token value="${own}"><input name=switch value=processing><input name=to value=off><button>Win</button></form>`);
  });
  await new Promise((resolve) => evil.listen(0, "127.0.0.1", resolve));
  const page = await open();
  await page.goto(`http://localhost:${evil.address().port}/`);
  await page.getByRole("button").click();
  await page.waitForURL(/switches/);
  assert.match(await page.locator("body").innerText(), /origin-not-allowed/);
  assert.equal((await bench.api("GET", "/v1/status")).json().switches.processing, true);
  evil.close();
  await bench.stop();
});

test("each right sees and orders what it may, and no more", async () => {
  const tokens = { read: `${TOKEN}-read`, operate: `${TOKEN}-operate`, admin: `${TOKEN}-admin`, submit: `${TOKEN}-submit` };
  const bench = await workbench(...Object.entries(tokens).flatMap(([right, token]) => ["--right", `${right}=${token}`]));
  const login = (await bench.api("GET", "/console/login")).text.match(/name="form-token" value="([0-9a-f]{64})"/)[1];
  const admins = ["/console/connectors/shop/approve", "/console/connectors/shop/rollback"];
  for (const [right, token] of Object.entries(tokens)) {
    const { body, headers } = form({ "form-token": login, token });
    const entered = await bench.api("POST", "/console/login", body, headers);
    if (right === "submit") {
      assert.equal(entered.status, 403, "who may only hand in tasks sees nothing");
      continue;
    }
    assert.equal(entered.status, 303, right);
    const cookie = entered.headers.get("set-cookie").split(";")[0];
    const page = await open({ extraHTTPHeaders: { cookie } });
    const [failed] = (await bench.api("GET", "/v1/tasks?failing=true&limit=1", undefined, { authorization: `Bearer ${token}` })).json().tasks;
    const orders = new Set();
    for (const address of ["/console", "/console/tasks", `/console/tasks/${failed.id}`, "/console/failures", "/console/missing", "/console/connectors/shop"]) {
      await page.goto(bench.url + address);
      for (const action of await page.locator("main form[method=post]").evaluateAll((forms) => forms.map((of) => new URL(of.action).pathname))) orders.add(action);
      assert.equal((await page.locator("main").innerText()).includes("You can look, and change nothing"), right === "read", `${right} ${address}`);
    }
    assert.equal(orders.size > 10, right !== "read", `${right}: ${[...orders]}`);
    const own = await page.content().then((text) => text.match(/name="form-token" value="([0-9a-f]{64})"/)[1]);
    for (const order of ORDERS.filter((of) => !of.endsWith("logout"))) {
      const sent = form({ "form-token": own, action: "retry", all: "retry", code: "trap" });
      const answer = await bench.api("POST", order, sent.body, { ...sent.headers, cookie });
      const may = right === "admin" || (right === "operate" && !admins.includes(order));
      assert.equal(answer.text.includes("right-missing"), !may, `${right} ${order} ${answer.status}`);
      assert.equal(answer.status === 403, !may, `${right} ${order} ${answer.status}`);
    }
    const audit = await bench.api("GET", "/console/audit", undefined, { cookie });
    assert.equal(audit.status, right === "read" ? 403 : 200, right);
    await page.context().close();
  }
  await bench.stop();
});

test("every answer has a policy by which nothing of others runs", async () => {
  const bench = await workbench();
  for (const address of [...(await addresses(bench)), "/console/assets/style.css", "/console/assets/console.js", "/console/assets/live.js", "/console/assets/icon.svg"]) {
    const { headers } = await bench.api("GET", address);
    const policy = headers.get("content-security-policy");
    assert.match(policy, /^default-src 'none';/, address);
    assert.doesNotMatch(policy, /unsafe|\*|https?:|data:/, address);
    assert.match(policy, /frame-ancestors 'none'/, address);
    assert.equal(headers.get("x-content-type-options"), "nosniff", address);
  }
  await bench.stop();
});
