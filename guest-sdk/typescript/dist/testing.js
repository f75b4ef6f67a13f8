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
import { External } from "./external.js";
import { calls } from "./http/native.js";
import { Headers, Response } from "./http/response.js";
import { encodeUtf8 } from "./utf8.js";
/** What the operator set. */
export function setSettings(named) {
    for (const [key, value] of Object.entries(named))
        kept.settings.set(key, value);
}
/** The placeholders that the host gives. */
export function setSecrets(named) {
    for (const [name, placeholder] of Object.entries(named))
        kept.secrets.set(name, placeholder);
}
/** What is known of the task, for `currentTask`. */
export function setTask(task) {
    kept.task = { ...task };
}
/** Who answers calls from now on. Before that, every call is denied. */
export function answerCalls(answer) {
    calls.answer = answer;
}
/** An answer for {@link answerCalls}. What is no text and no bytes is sent as JSON. */
export function response(status, body = "", headers = {}) {
    const pairs = Object.entries(headers).map(([name, value]) => [name, encodeUtf8(value)]);
    return new Response(status, new Headers(pairs), bytesOf(body));
}
/** What was warned of since the last {@link reset}. */
export function warnings() {
    return [...kept.warnings];
}
/** Lines of the log since the last {@link reset}, as `info: 2 members`. */
export function logLines() {
    return kept.log.map(({ level, message }) => `${level}: ${message}`);
}
/** Forgets everything that was set and said. */
export function reset() {
    for (const map of [kept.settings, kept.secrets, kept.state])
        map.clear();
    kept.task = {};
    kept.log.length = 0;
    kept.warnings.length = 0;
    calls.answer = undefined;
}
/** What a connector makes of an external object: text and bytes as they are, anything else as JSON. Errors are thrown as the connector throws them. */
export function prepare(connector, body, task = {}) {
    const { mediaType = "application/json", ...given } = task;
    const whole = { taskType: "create-object", dataType: "snapshot", siteName: kept.task.site, title: kept.task.title, fileName: kept.task.fileName, ...given };
    const prepared = connector.definition.prepareInternalObject(new External(mediaType, bytesOf(body)), whole);
    if (prepared instanceof Prepared)
        return prepared;
    throw new TypeError("prepareInternalObject answered no object(…), page(…) or skip(…); await an async connector's own method");
}
/** Where a connector says that an object is. */
export function objectParams(connector, id, objectType) {
    return answered(connector.definition.getInternalObjectParams?.(id, objectType), "getInternalObjectParams");
}
/** Where a connector says that a page is. */
export function documentParams(connector, id, className) {
    return answered(connector.definition.getInternalDocumentParams?.(id, className), "getInternalDocumentParams");
}
function answered(answer, method) {
    if (answer === undefined || answer instanceof Promise)
        throw new TypeError(`the connector has no ${method} that answers at once`);
    return answer;
}
function bytesOf(body) {
    if (body instanceof Uint8Array)
        return body;
    return encodeUtf8(typeof body === "string" ? body : JSON.stringify(body));
}
