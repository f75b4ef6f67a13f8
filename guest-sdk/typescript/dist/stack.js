/** Where an error came from: frames of the bundle, told as lines of the author's source. */
/** Most frames that are told. */
const FRAMES_MAX = 20;
/** Innermost first. Frames of the engine and of this package are left out. */
export function frames(error) {
    const stack = error?.stack;
    const map = globalThis.lockgateSourceMap;
    if (typeof stack !== "string" || map === undefined)
        return [];
    const found = [];
    for (const line of stack.split("\n")) {
        const frame = located(line, map);
        if (frame)
            found.push(frame);
        if (found.length === FRAMES_MAX)
            break;
    }
    return found;
}
/** The innermost place in the author's own source. */
export function place(frames) {
    return frames.find((frame) => frame.own)?.place;
}
/** QuickJS says `at name (file:1:2)` or `at file:1:2`, StarlingMonkey `name@file:1:2`; the file is the bundle. */
function located(line, map) {
    const parts = /^(?:\s*at )?(?:(.*?)(?:@| \())?(?:[^@()\s]*[/:])?(?:user|bundle)\.js:(\d+):(\d+)\)?$/.exec(line);
    if (!parts)
        return undefined;
    const segment = nearest(map.lines[Number(parts[2]) - 1] ?? "", Number(parts[3]) - 1);
    const source = segment && map.sources[segment[1]];
    if (segment === undefined || source === undefined)
        return undefined;
    const name = (parts[1] ?? "").replace(/^<anonymous>$/, "").replace(/[/<]+$/, "");
    return { name, place: `${source}:${segment[2] + 1}:${segment[3] + 1}`, own: !/(^|\/)node_modules\//.test(source) };
}
/** The last segment that begins at `column` or before; the first one, if none does. */
function nearest(segments, column) {
    let found;
    for (const text of segments === "" ? [] : segments.split(",")) {
        const segment = text.split(" ").map((number) => Number.parseInt(number, 36));
        if (found !== undefined && segment[0] > column)
            break;
        found = segment;
    }
    return found;
}
