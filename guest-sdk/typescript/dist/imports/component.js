/// <reference path="./contract.d.ts" />
/** What a component imports. Where a connector is tested, `native.ts` stands in: see `imports` in package.json. */
import { none } from "lockgate:connector/children";
import * as clock from "lockgate:connector/clock";
import * as identity from "lockgate:connector/identity";
import * as logs from "lockgate:connector/log";
import { bytes } from "lockgate:connector/random";
import { get as getSecret } from "lockgate:connector/secrets";
import { get as getSetting } from "lockgate:connector/settings";
import * as state from "lockgate:connector/state";
import * as task from "lockgate:connector/task";
import * as warnings from "lockgate:connector/warnings";
import { requireTask } from "../globals/running.js";
export const childrenNone = during("a task", none);
export const nowMs = during("the time", clock.nowMs);
export const byGuid = during("a task", identity.byGuid);
export const log = during("the log", logs.log);
export const randomBytes = during("randomness", bytes);
export const secret = during("a secret", getSecret);
export const setting = during("a setting", getSetting);
export const stateDelete = during("the state", state.delete);
export const stateGet = during("the state", state.get);
export const stateKeys = during("the state", state.keys);
export const stateSet = during("the state", state.set);
export const taskFileName = during("the task", task.fileName);
export const taskSite = during("the task", task.site);
export const taskTitle = during("the task", task.title);
export const warn = during("a task", warnings.warn);
/** The engine that this runs on. */
export const engine = ENGINE;
/** Nothing answers while the component is built, and to ask would end the build without a word of where. */
function during(what, call) {
    return (...given) => {
        requireTask(what);
        return call(...given);
    };
}
