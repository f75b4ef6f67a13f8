/// <reference path="../imports/contract.d.ts" />
/** One call through `wasi:http` 0.2, from request to the last byte of the answer. */
import { handle } from "wasi:http/outgoing-handler";
import * as http from "wasi:http/types";
import { payload } from "../state.js";
import { encodeUtf8 } from "../utf8.js";
import { fromCode, HttpError } from "./error.js";
import { RESPONSE_BYTES_MAX } from "./request.js";
import { Headers, Response } from "./response.js";
import { parseUrl } from "./url.js";
/** What one write may carry, by the contract of `blocking-write-and-flush`. */
const WRITE_BYTES_MAX = 4_096;
/** What one read asks for. */
const READ_BYTES = 65_536;
/** Sends a request and reads the answer to its end. */
export function send(url, options) {
    const request = outgoing(url, options);
    const body = options.body === undefined ? undefined : request.body();
    const timeouts = options.timeoutMs === undefined ? undefined : requestOptions(options.timeoutMs);
    const future = told(() => handle(request, timeouts));
    try {
        if (body && options.body !== undefined)
            write(body, options.body);
        return read(wait(future), options.responseBytesMax ?? RESPONSE_BYTES_MAX);
    }
    finally {
        dispose(future);
    }
}
function outgoing(url, options) {
    const parts = parseUrl(url);
    const fields = new http.Fields();
    for (const [name, value] of Object.entries(options.headers ?? {})) {
        malformed(`header ${JSON.stringify(name)}`, () => fields.append(name, encodeUtf8(value)));
    }
    const request = new http.OutgoingRequest(fields);
    malformed(`${options.method ?? "GET"} ${JSON.stringify(url)}`, () => {
        request.setMethod(method(options.method ?? "GET"));
        request.setScheme({ tag: parts.https ? "HTTPS" : "HTTP" });
        request.setAuthority(parts.authority);
        request.setPathWithQuery(parts.pathWithQuery);
    });
    return request;
}
function method(name) {
    const tag = name.toLowerCase();
    if (["get", "head", "post", "put", "delete", "connect", "options", "trace", "patch"].includes(tag))
        return { tag };
    return { tag: "other", val: name.toUpperCase() };
}
function requestOptions(timeoutMs) {
    // A `number` is what both engines take for a u64, whatever the types say.
    const ns = Math.round(timeoutMs * 1e6);
    const options = new http.RequestOptions();
    options.setConnectTimeout(ns);
    options.setFirstByteTimeout(ns);
    options.setBetweenBytesTimeout(ns);
    return options;
}
/** Whoever answers early takes the rest no more, so a body that is not wanted is no error: the answer, or its absence, says what became of the call. */
function write(body, content) {
    const bytes = typeof content === "string" ? encodeUtf8(content) : content;
    const stream = body.write();
    try {
        for (let at = 0; at < bytes.length; at += WRITE_BYTES_MAX)
            stream.blockingWriteAndFlush(bytes.subarray(at, at + WRITE_BYTES_MAX));
    }
    catch {
        return;
    }
    finally {
        // A body is finished when no stream to it is open.
        dispose(stream);
    }
    told(() => http.OutgoingBody.finish(body, undefined));
}
function wait(future) {
    const pollable = future.subscribe();
    pollable.block();
    // A parent with children cannot be given back, so the child goes first.
    dispose(pollable);
    const answer = future.get();
    if (answer?.tag !== "ok")
        throw new HttpError("other", "an answer was taken twice");
    if (answer.val.tag === "err")
        throw fromCode(answer.val.val);
    return answer.val.val;
}
function read(incoming, bytesMax) {
    const fields = incoming.headers();
    const headers = new Headers(fields.entries());
    dispose(fields);
    const body = incoming.consume();
    const stream = body.stream();
    const parts = [];
    let length = 0;
    try {
        for (;;) {
            const part = stream.blockingRead(READ_BYTES);
            length += part.length;
            if (length > bytesMax)
                throw new HttpError("too-large", `the answer is longer than ${bytesMax} bytes`);
            parts.push(part);
        }
    }
    catch (thrown) {
        const error = payload(thrown);
        if (error?.tag === "last-operation-failed")
            throw fromCode(http.httpErrorCode(error.val) ?? undefined);
        if (error?.tag !== "closed")
            throw thrown;
    }
    finally {
        dispose(stream);
        dispose(body);
    }
    const whole = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
        whole.set(part, at);
        at += part.length;
    }
    const response = new Response(incoming.status(), headers, whole);
    dispose(incoming);
    return response;
}
function told(call) {
    try {
        return call();
    }
    catch (thrown) {
        const code = payload(thrown);
        throw typeof code?.tag === "string" ? fromCode(code) : thrown;
    }
}
function malformed(what, set) {
    try {
        set();
    }
    catch {
        throw new HttpError("invalid", `${what} cannot be sent`);
    }
}
function dispose(resource) {
    const symbol = Symbol.dispose ?? Symbol.for("dispose");
    resource[symbol]?.();
}
