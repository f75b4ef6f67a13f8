/** `console` writes to the task's log. */
export declare function installConsole(): void;
