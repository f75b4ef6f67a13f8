/** `console` writes to the task's log. */

import { log } from "../host.js";

export function installConsole(): void {
    const console = { trace: log.trace, debug: log.debug, log: log.info, info: log.info, warn: log.warn, error: log.error };
    Object.defineProperty(globalThis, "console", { value: console, writable: true, configurable: true });
}
