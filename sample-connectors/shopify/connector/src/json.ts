/** JSON as webhooks have it: exact numbers, and the place of a mistake. */

import { InvalidError, parseJson } from "lockgate-guest";

/** The document; what is no JSON is refused with its place. */
export function readJson(text: string): unknown {
    const document = text.replace(/^\uFEFF/, "");
    if (document.trim() === "") throw new InvalidError("the webhook is empty");
    try {
        return parseJson(exactNumbers(document));
    } catch (cause) {
        if (!(cause instanceof SyntaxError)) throw cause;
        // The engines say in different words what is wrong; theirs go to the log.
        throw new InvalidError("the webhook is no JSON", { path: place(document), cause });
    }
}

/**
 * JSON whose numbers of 16 digits and more are texts: ids have up to 19 digits, and `JSON.parse` would round them to the
 * id of another product.
 */
export function exactNumbers(json: string): string {
    // Most shops have shorter ids, and then nothing needs to be rewritten.
    if (!/[0-9][0-9.]{15}/.test(json)) return json;
    // Strings are passed over whole, the numbers in them too.
    return json.replaceAll(/"(?:[^"\\]|\\[^])*"|-?[0-9][0-9.eE+-]*/g, (token) =>
        /^-?[0-9]+(?:\.[0-9]+)?$/.test(token) && token.replaceAll(/[^0-9]/g, "").length >= 16 ? `"${token}"` : token,
    );
}

const TOKEN = /[ \t\r\n]*("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null|[[\]{}:,])/y;

/** Where the first thing stands that cannot stand there: `line 3, column 14`. */
function place(json: string): string {
    let at = 0;
    // What may come next: a value, a key, or what closes or goes on.
    let expects: "value" | "first" | "key" | "first-key" | "colon" | "after" = "value";
    const open: string[] = [];
    for (;;) {
        TOKEN.lastIndex = at;
        const token = TOKEN.exec(json)?.[1];
        const begins = token === undefined ? at : TOKEN.lastIndex - token.length;
        if (token === undefined) break;
        const value = expects === "value" || expects === "first";
        const key = expects === "key" || expects === "first-key";
        if (value && token === "{") open.push("{"), (expects = "first-key");
        else if (value && token === "[") open.push("["), (expects = "first");
        else if (value && !"]}:,".includes(token)) expects = "after";
        else if (key && token.startsWith('"')) expects = "colon";
        else if (expects === "colon" && token === ":") expects = "value";
        else if ((expects === "after" || expects === "first") && token === "]" && open.at(-1) === "[") open.pop(), (expects = "after");
        else if ((expects === "after" || expects === "first-key") && token === "}" && open.at(-1) === "{") open.pop(), (expects = "after");
        else if (expects === "after" && token === "," && open.length > 0) expects = open.at(-1) === "{" ? "key" : "value";
        else {
            at = begins;
            break;
        }
        at = TOKEN.lastIndex;
    }
    const before = json.slice(0, at + (/^[ \t\r\n]*/.exec(json.slice(at))?.[0].length ?? 0)).split("\n");
    return `line ${before.length}, column ${(before.at(-1) ?? "").length + 1}`;
}
