// BullMQ on Redis, from queue to stored: N tasks of 974 B are queued with addBulk, then one worker drains them; its handler parses
// each task and stores the object in the same Redis. Prints one JSON line.
//   node measure.mjs SOCKET TASKS VERSION
import { Queue, Worker } from 'bullmq';
import Redis from 'ioredis';
import { ensure, payload, range, report, seconds, setting } from '../shared/tasks.mjs';

const [path, count, version] = process.argv.slice(2);
const tasks = Number(count);
// What was tried and found best; each can be set for another trial.
const concurrency = setting('CONCURRENCY', 500);
const push = setting('PUSH', 1000);
const keep = setting('KEEP', 0) === 1;

const redis = new Redis({ path, enableAutoPipelining: true, maxRetriesPerRequest: null });
const connection = { path, maxRetriesPerRequest: null };
const queue = new Queue('products', { connection });

async function pushTasks() {
  const begun = performance.now();
  for (const [first, end] of range(tasks, push)) {
    await queue.addBulk(Array.from({ length: end - first }, (_, offset) => ({
      name: 'store',
      data: JSON.parse(payload(first + offset)),
      opts: { removeOnComplete: !keep },
    })));
  }
  return seconds(begun);
}

async function drain() {
  const all = Promise.withResolvers();
  let done = 0;
  const worker = new Worker('products', async (job) => {
    const object = job.data; // BullMQ has parsed it.
    await redis.set(`object:${object.id}`, JSON.stringify(object));
  }, { connection, concurrency, autorun: false, removeOnComplete: keep ? { count: -1 } : { count: 0 } });
  worker.on('completed', () => {
    done += 1;
    if (done === tasks) all.resolve();
  });
  worker.on('failed', (_, error) => all.reject(error));
  worker.on('error', (error) => all.reject(error));
  await worker.waitUntilReady();
  const begun = performance.now();
  worker.run();
  await all.promise;
  const drained = seconds(begun);
  await worker.close();
  return drained;
}

async function storedObjects() {
  let stored = 0;
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', 'object:*', 'COUNT', 1000);
    cursor = next;
    for (const text of keys.length ? await redis.mget(keys) : []) stored += JSON.parse(text).id.startsWith('product-') ? 1 : 0;
  } while (cursor !== '0');
  return stored;
}

await queue.waitUntilReady();
for (const [name, wanted] of [['appendonly', 'yes'], ['appendfsync', 'always']]) {
  const [, value] = await redis.config('GET', name);
  ensure(value === wanted, `${name} is ${value}`);
}
const pushed = await pushTasks();
console.error(`bullmq: ${tasks} tasks queued in ${pushed.toFixed(1)} s`);
const drained = await drain();
console.error(`bullmq: drained in ${drained.toFixed(1)} s`);
const objects = await storedObjects();
ensure(objects === tasks, `${objects} objects of ${tasks} tasks`);
const left = await queue.getJobCounts('waiting', 'active', 'failed', 'delayed');
ensure(Object.values(left).every((number) => number === 0), `tasks are left: ${JSON.stringify(left)}`);
const [, server] = /redis_version:(\S+)/.exec(await redis.info('server'));
report({
  peer: 'bullmq',
  version: `${version}, Redis ${server}`,
  tasks,
  drained,
  pushed,
  settings: `appendonly yes, appendfsync always, unix socket; one process, concurrency ${concurrency}; `
    + `completed tasks ${keep ? 'kept' : 'removed'}; objects set in auto-pipelines; addBulk of ${push}`,
});
await queue.close();
redis.disconnect();
