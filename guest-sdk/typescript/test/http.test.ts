import assert from "node:assert/strict";
import { test } from "vitest";
import { fromCode } from "../src/http/error.js";
import { Headers, Response } from "../src/http/response.js";
import { parseUrl, segment } from "../src/http/url.js";
import { encodeUtf8 } from "../src/utf8.js";

function answer(status: number, headers: Record<string, string> = {}, body = ""): Response {
    return new Response(status, new Headers(Object.entries(headers).map(([name, value]) => [name, encodeUtf8(value)])), encodeUtf8(body));
}

function kind(call: () => unknown): unknown {
    try {
        call();
    } catch (error) {
        return (error as { kind?: string }).kind;
    }
    return "none";
}

test("a status says what becomes of the task", () => {
    assert.equal(answer(204).success().status, 204);
    const kinds = [404, 410, 401, 403, 302, 429, 500, 503].map((status) => kind(() => answer(status).success()));
    assert.deepEqual(kinds, ["not-found", "not-found", "internal", "internal", "internal", "unavailable", "unavailable", "unavailable"]);
});

test("a delay in seconds is handed on and a date is not", () => {
    const delay = (value: string) => assert.throws(() => answer(503, { "Retry-After": value }).success(), { retryAfterMs: value === "2" ? 2_000 : undefined });
    delay("2");
    delay("Wed, 21 Oct 2026 07:28:00 GMT");
});

test("only what may be better the next time is unavailable", () => {
    const kinds = (["connection-refused", "DNS-timeout", "TLS-certificate-error", "HTTP-request-denied", "HTTP-request-URI-too-long", "loop-detected"] as const).map(
        (tag) => fromCode({ tag } as never).kind,
    );
    assert.deepEqual(kinds, ["unavailable", "unavailable", "unavailable", "internal", "internal", "unavailable"]);
});

test("headers are found in any case, and a body is read as it is asked for", () => {
    const found = answer(200, { ETag: '"1"' }, '{"a":[1]}');
    assert.equal(found.headers.get("etag"), '"1"');
    assert.equal(found.headers.get("age"), null);
    assert.deepEqual(found.json(), { a: [1] });
    assert.equal(
        kind(() => answer(200, {}, "{").json()),
        "invalid",
    );
});

test("a URL is taken apart, and what cannot be called is refused", () => {
    assert.deepEqual(parseUrl("http://a"), { https: false, authority: "a", pathWithQuery: "/" });
    assert.deepEqual(parseUrl("HTTPS://a:8443/x/y?z=1#f"), { https: true, authority: "a:8443", pathWithQuery: "/x/y?z=1" });
    assert.deepEqual(parseUrl("http://[::1]:80?q"), { https: false, authority: "[::1]:80", pathWithQuery: "/?q" });
    for (const url of ["", "a/b", "ftp://a/b", "http:///b", "http://a b", "http://a/\r\nx: y"]) {
        assert.equal(
            kind(() => parseUrl(url)),
            "internal",
            url,
        );
    }
});

test("an id from the outside stays one step of the path", () => {
    assert.equal(segment("../admin"), "..%2Fadmin");
    assert.equal(segment(".."), "%2E%2E");
    assert.equal(segment("ü?#"), "%C3%BC%3F%23");
});
