/** Stands in for the host's HTTP where connectors are tested. */
import { type RequestOptions } from "./request.js";
import type { Response } from "./response.js";
/** Answers a call of the connector, in a test. */
export type AnswerCall = (url: string, options: RequestOptions) => Response;
export declare const calls: {
    answer: AnswerCall | undefined;
};
export declare function send(url: string, options: RequestOptions): Response;
