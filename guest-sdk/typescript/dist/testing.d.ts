/**
 * Stands in for the host where connectors are tested, with vitest or any other runner on Node.js:
 *
 *     const role = prepare(teams, { id: 7, title: "Editors" }).object;
 *     expect(role?.codeName).toBe("team-7");
 *
 * Settings, secrets, state, the task, and who answers calls are set here, and stay until {@link reset}.
 */
import { Prepared } from "./answers.js";
import type { Connector, DocumentParams, ObjectParams, Task } from "./connector.js";
import { type AnswerCall } from "./http/native.js";
import { Response } from "./http/response.js";
/** What the operator set. */
export declare function setSettings(named: Readonly<Record<string, string>>): void;
/** The placeholders that the host gives. */
export declare function setSecrets(named: Readonly<Record<string, string>>): void;
/** What is known of the task, for `currentTask`. */
export declare function setTask(task: {
    readonly title?: string;
    readonly fileName?: string;
    readonly site?: string;
}): void;
/** Who answers calls from now on. Before that, every call is denied. */
export declare function answerCalls(answer: AnswerCall): void;
/** An answer for {@link answerCalls}. What is no text and no bytes is sent as JSON. */
export declare function response(status: number, body?: unknown, headers?: Readonly<Record<string, string>>): Response;
/** What was warned of since the last {@link reset}. */
export declare function warnings(): readonly {
    readonly message: string;
    readonly path: string | undefined;
}[];
/** Lines of the log since the last {@link reset}, as `info: 2 members`. */
export declare function logLines(): readonly string[];
/** Forgets everything that was set and said. */
export declare function reset(): void;
/** What may be said of a task in a test. */
export interface TestTask extends Partial<Task> {
    /** `application/json` if left out. */
    readonly mediaType?: string;
}
/** What a connector makes of an external object: text and bytes as they are, anything else as JSON. Errors are thrown as the connector throws them. */
export declare function prepare(connector: Connector, body: unknown, task?: TestTask): Prepared;
/** Where a connector says that an object is. */
export declare function objectParams(connector: Connector, id: string, objectType: string): ObjectParams;
/** Where a connector says that a page is. */
export declare function documentParams(connector: Connector, id: string, className: string): DocumentParams;
