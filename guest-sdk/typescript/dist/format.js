/** Values as text, for the log. */
/** As `console.log` puts its arguments together. */
export function format(parts) {
    return parts.map((part) => (typeof part === "string" ? part : inspect(part))).join(" ");
}
function inspect(value) {
    if (typeof value === "string")
        return value;
    if (typeof value === "bigint")
        return `${value}n`;
    if (typeof value === "function")
        return `[function ${value.name || "anonymous"}]`;
    if (value instanceof Error)
        return `${value.name}: ${value.message}`;
    if (value instanceof Uint8Array)
        return `[${value.length} bytes]`;
    if (typeof value !== "object" || value === null)
        return String(value);
    try {
        return JSON.stringify(value, (_key, inner) => (typeof inner === "bigint" ? `${inner}n` : inner instanceof Map ? [...inner] : inner instanceof Set ? [...inner] : inner));
    }
    catch {
        return String(value);
    }
}
