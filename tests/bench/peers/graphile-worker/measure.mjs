// graphile-worker on PostgreSQL, from queue to stored: N tasks of 974 B are queued with add_jobs, then one worker drains them;
// its handler parses each task and stores the object in the same database. Prints one JSON line.
//   node measure.mjs SOCKET_FOLDER TASKS VERSION
import { run, runMigrations, Logger } from 'graphile-worker';
import pg from 'pg';
import { Groups, ensure, payload, range, report, seconds, setting } from '../shared/tasks.mjs';

const [host, count, version] = process.argv.slice(2);
const tasks = Number(count);
// What was tried and found best; each can be set for another trial.
const concurrency = setting('CONCURRENCY', 500);
const queue = setting('QUEUE', 1000);
const completeDelayMs = setting('COMPLETE_DELAY_MS', 0);
const writers = setting('WRITERS', 1);
const push = setting('PUSH', 5000);

const pool = new pg.Pool({ host, user: 'bench', database: 'postgres', max: 12 });
pool.on('error', (error) => { throw error; });
const logger = new Logger(() => (level, message) => {
  if (level === 'error') console.error(`graphile-worker: ${message}`);
});
const preset = {
  worker: { concurrentJobs: concurrency, localQueue: { size: queue }, completeJobBatchDelay: completeDelayMs, failJobBatchDelay: completeDelayMs, logger },
};
const options = { preset, pgPool: pool, noHandleSignals: true, logger };

async function number(query) {
  return Number((await pool.query({ text: query, rowMode: 'array' })).rows[0][0]);
}

async function pushTasks() {
  const begun = performance.now();
  for (const [first, end] of range(tasks, push)) {
    const payloads = Array.from({ length: end - first }, (_, offset) => payload(first + offset));
    await pool.query(
      `SELECT count(*) FROM graphile_worker.add_jobs(ARRAY(
         SELECT ('store', payload, NULL, now(), 25, NULL, 0, NULL)::graphile_worker.job_spec FROM unnest($1::json[]) AS payload))`,
      [payloads],
    );
  }
  return seconds(begun);
}

async function drain() {
  const groups = new Groups((objects) => pool.query({
    name: 'store',
    text: `INSERT INTO objects (id, object) SELECT * FROM unnest($1::text[], $2::text[])
           ON CONFLICT (id) DO UPDATE SET object = excluded.object`,
    values: [objects.map(({ id }) => id), objects.map((object) => JSON.stringify(object))],
  }), writers);
  const all = Promise.withResolvers();
  let stored = 0;
  // The worker's own client has parsed the payload.
  const store = async (object) => {
    await groups.store(object);
    stored += 1;
    if (stored === tasks) all.resolve();
  };
  const begun = performance.now();
  const runner = await run({ ...options, taskList: { store } });
  await Promise.race([all.promise, runner.promise]);
  // Returns after the last batch of completions.
  await runner.stop();
  return seconds(begun);
}

await runMigrations(options);
await pool.query('CREATE TABLE objects (id text PRIMARY KEY, object text NOT NULL)');
for (const name of ['fsync', 'synchronous_commit', 'full_page_writes']) {
  const value = (await pool.query(`SHOW ${name}`)).rows[0][name];
  ensure(value === 'on', `${name} is ${value}`);
}
const pushed = await pushTasks();
console.error(`graphile-worker: ${tasks} tasks queued in ${pushed.toFixed(1)} s`);
await pool.query('VACUUM ANALYZE');
const drained = await drain();
console.error(`graphile-worker: drained in ${drained.toFixed(1)} s`);
const objects = await number("SELECT count(*) FROM objects WHERE object::json ->> 'id' = id");
ensure(objects === tasks, `${objects} objects of ${tasks} tasks`);
const left = await number('SELECT count(*) FROM graphile_worker.jobs');
ensure(left === 0, `${left} tasks are still queued`);
const server = (await pool.query('SHOW server_version')).rows[0].server_version;
report({
  peer: 'graphile-worker',
  version: `${version}, PostgreSQL ${server}`,
  tasks,
  drained,
  pushed,
  settings: `fsync, synchronous_commit and full_page_writes on; shared_buffers 1GB, max_wal_size 8GB; one process; concurrency ${concurrency}, `
    + `localQueue ${queue}, completeJobBatchDelay ${completeDelayMs} ms; objects upserted in groups, ${writers} statement(s) at a time; ${push} tasks a push`,
});
await pool.end();
