// What the peers in JavaScript share: the tasks, a group writer, settings for trials, and the line that is printed.
import { readFileSync } from 'node:fs';

const task = readFileSync(new URL('task.json', import.meta.url), 'utf8');

export const payload = (number) => task.replaceAll('NNNNNNNN', String(number).padStart(8, '0'));

export const setting = (name, best) => Number(process.env[name] ?? best);

export const seconds = (begun) => (performance.now() - begun) / 1000;

export const range = function* (tasks, step) {
  for (let first = 0; first < tasks; first += step) yield [first, Math.min(first + step, tasks)];
};

export function ensure(condition, message) {
  if (!condition) throw new Error(message);
}

export function report({ peer, version, tasks, drained, pushed, settings }) {
  const rate = (time) => Math.round(tasks / time);
  console.log(JSON.stringify({
    peer, version, kind: 'queue-to-stored', tasks, tasks_per_s: rate(drained), push_tasks_per_s: rate(pushed), settings,
  }));
}

// Gathers what concurrent handlers store: those that wait while `write` is busy go into its next call together.
export class Groups {
  #waiting = [];
  #writing = 0;
  #write;
  #writersMax;

  constructor(write, writersMax) {
    this.#write = write;
    this.#writersMax = writersMax;
  }

  // Resolves when the object is durable.
  store(object) {
    return new Promise((stored, failed) => {
      this.#waiting.push({ object, stored, failed });
      if (this.#waiting.length === 1) setImmediate(() => this.#next());
    });
  }

  async #next() {
    if (this.#waiting.length === 0 || this.#writing === this.#writersMax) return;
    const group = this.#waiting;
    this.#waiting = [];
    this.#writing += 1;
    try {
      await this.#write(group.map(({ object }) => object));
      for (const { stored } of group) stored();
    } catch (error) {
      for (const { failed } of group) failed(error);
    }
    this.#writing -= 1;
    this.#next();
  }
}
