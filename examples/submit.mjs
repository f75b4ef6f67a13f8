// node submit.mjs CONNECTOR FILE SUBJECT KEY: sends one change, and prints what became of it.
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const { LOCKGATE_URL = "http://127.0.0.1:7070", LOCKGATE_TOKEN, MEDIA_TYPE = "application/json" } = process.env;
const authorization = LOCKGATE_TOKEN ? { authorization: `Bearer ${LOCKGATE_TOKEN}` } : {};

async function call(path, { headers = {}, ...options } = {}) {
  for (const seconds of [0, 1, 2, 4, 8, 16, 30]) {
    await sleep(seconds * 1000);
    const request = { ...options, headers: { ...authorization, ...headers }, signal: AbortSignal.timeout(30_000) };
    const answer = await fetch(LOCKGATE_URL + path, request).catch(() => null); // null: no answer
    if (answer?.ok) return answer.json();
    const again = !answer || [408, 429].includes(answer.status) || answer.status >= 500; // with the same key
    if (!again) throw new Error(`${answer.status}: ${await answer.text()}`); // a mistake: trying again does not help
  }
  throw new Error("the server does not answer");
}

const [connector, file, subject, key] = process.argv.slice(2); // one key for each change, not for each object
const query = new URLSearchParams({ subject, task_type: "update-object", wait: "5s" });
const headers = { "content-type": MEDIA_TYPE, "idempotency-key": key };
const path = `/v1/connectors/${encodeURIComponent(connector)}/tasks?${query}`;
const { task, outcome, state } = await call(path, { method: "POST", headers, body: await readFile(file) });
// It may wait for something, or for an operator: its state says so, and it is safe in the queue.
console.log(`task ${task}: ${outcome ?? state}`);
