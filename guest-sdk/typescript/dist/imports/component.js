/// <reference path="./contract.d.ts" />
/** What a component imports. Where a connector is tested, `native.ts` stands in: see `imports` in package.json. */
export { none as childrenNone } from "lockgate:connector/children";
export { nowMs } from "lockgate:connector/clock";
export { byGuid } from "lockgate:connector/identity";
export { log } from "lockgate:connector/log";
export { bytes as randomBytes } from "lockgate:connector/random";
export { get as secret } from "lockgate:connector/secrets";
export { get as setting } from "lockgate:connector/settings";
export { delete as stateDelete, get as stateGet, keys as stateKeys, set as stateSet } from "lockgate:connector/state";
export { fileName as taskFileName, site as taskSite, title as taskTitle } from "lockgate:connector/task";
export { warn } from "lockgate:connector/warnings";
/** The engine that this runs on. */
export const engine = ENGINE;
