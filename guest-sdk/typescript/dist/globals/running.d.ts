/** Whether a task runs. A module's top level runs once, when the component is built, and is kept as it was then. */
/** Called by every exported method. */
export declare function taskRuns(): void;
/** Refuses what would be frozen into the component. */
export declare function requireTask(what: string): void;
