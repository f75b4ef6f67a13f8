/** Whether a task runs. A module's top level runs once, when the component is built, and is kept as it was then. */

let running = false;

/** Called by every exported method. */
export function taskRuns(): void {
    running = true;
}

/** Refuses what would be frozen into the component. */
export function requireTask(what: string): void {
    if (!running) throw new Error(`${what} is not there while the component is built: ask for it inside of a method`);
}
