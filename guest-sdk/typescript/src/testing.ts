/**
 * Stands in for the host where connectors are tested, with vitest or any other runner on Node.js:
 *
 *     const role = prepare(teams, { id: 7, title: "Editors" }).object;
 *     expect(role?.codeName).toBe("team-7");
 *
 * Settings, secrets, state, the task, and who answers calls are set here, and stay until {@link reset}.
 */

import { kept } from "#host";
import { Prepared } from "./answers.js";
import type { Connector, DocumentParams, ObjectParams, Task } from "./connector.js";
import { External } from "./external.js";
import { type AnswerCall, calls } from "./http/native.js";
import { Headers, Response } from "./http/response.js";
import { encodeUtf8 } from "./utf8.js";

/** What the operator set. */
export function setSettings(named: Readonly<Record<string, string>>): void {
    for (const [key, value] of Object.entries(named)) kept.settings.set(key, value);
}

/** The placeholders that the host gives. */
export function setSecrets(named: Readonly<Record<string, string>>): void {
    for (const [name, placeholder] of Object.entries(named)) kept.secrets.set(name, placeholder);
}

/** What is known of the task, for `currentTask`. */
export function setTask(task: { readonly title?: string; readonly fileName?: string; readonly site?: string }): void {
    kept.task = { ...task };
}

/** Who answers calls from now on. Before that, every call is denied. */
export function answerCalls(answer: AnswerCall): void {
    calls.answer = answer;
}

/** An answer for {@link answerCalls}. What is no text and no bytes is sent as JSON. */
export function response(status: number, body: unknown = "", headers: Readonly<Record<string, string>> = {}): Response {
    const pairs = Object.entries(headers).map(([name, value]) => [name, encodeUtf8(value)] as const);
    return new Response(status, new Headers(pairs), bytesOf(body));
}

/** What was warned of since the last {@link reset}. */
export function warnings(): readonly { readonly message: string; readonly path: string | undefined }[] {
    return [...kept.warnings];
}

/** Lines of the log since the last {@link reset}, as `info: 2 members`. */
export function logLines(): readonly string[] {
    return kept.log.map(({ level, message }) => `${level}: ${message}`);
}

/** Forgets everything that was set and said. */
export function reset(): void {
    for (const map of [kept.settings, kept.secrets, kept.state]) map.clear();
    kept.task = {};
    kept.log.length = 0;
    kept.warnings.length = 0;
    calls.answer = undefined;
}

/** What may be said of a task in a test. */
export interface TestTask extends Partial<Task> {
    /** `application/json` if left out. */
    readonly mediaType?: string;
}

/** What a connector makes of an external object: text and bytes as they are, anything else as JSON. Errors are thrown as the connector throws them. */
export function prepare(connector: Connector, body: unknown, task: TestTask = {}): Prepared {
    const { mediaType = "application/json", ...given } = task;
    const whole: Task = { taskType: "create-object", dataType: "snapshot", siteName: kept.task.site, title: kept.task.title, fileName: kept.task.fileName, ...given };
    const prepared = connector.definition.prepareInternalObject(new External(mediaType, bytesOf(body)), whole);
    if (prepared instanceof Prepared) return prepared;
    throw new TypeError("prepareInternalObject answered no object(…), page(…) or skip(…); await an async connector's own method");
}

/** Where a connector says that an object is. */
export function objectParams(connector: Connector, id: string, objectType: string): ObjectParams {
    return answered(connector.definition.getInternalObjectParams?.(id, objectType), "getInternalObjectParams");
}

/** Where a connector says that a page is. */
export function documentParams(connector: Connector, id: string, className: string): DocumentParams {
    return answered(connector.definition.getInternalDocumentParams?.(id, className), "getInternalDocumentParams");
}

function answered<T>(answer: T | Promise<T> | undefined, method: string): T {
    if (answer === undefined || answer instanceof Promise) throw new TypeError(`the connector has no ${method} that answers at once`);
    return answer;
}

function bytesOf(body: unknown): Uint8Array {
    if (body instanceof Uint8Array) return body;
    return encodeUtf8(typeof body === "string" ? body : JSON.stringify(body));
}
