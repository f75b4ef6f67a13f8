// From a bundler's source map (ECMA-426) to what `src/stack.ts` reads of it. The map is read while a
// task fails, by an interpreter: so each line of the bundle can be read without those before it, and
// this package's own lines are not in it.

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** `{ sources, lines }`: for each line of the bundle its segments, `column source line column` in base 36. `shown` names a source, or answers `undefined` to leave it out. */
export function readable(map, shown) {
    const names = map.sources.map(shown);
    const sources = [...new Set(names.filter((name) => name !== undefined))];
    // Differences that run through the whole text; the bundle's column begins anew in each line.
    let [source, line, column] = [0, 0, 0];
    const lines = map.mappings.split(";").map((segments) => {
        let bundleColumn = 0;
        const kept = [];
        for (const segment of segments.split(",")) {
            if (segment === "") continue;
            const [bundleColumnBy, sourceBy, lineBy = 0, columnBy = 0] = numbers(segment);
            bundleColumn += bundleColumnBy;
            if (sourceBy === undefined) continue;
            source += sourceBy;
            line += lineBy;
            column += columnBy;
            if (names[source] === undefined) continue;
            kept.push([bundleColumn, sources.indexOf(names[source]), line, column].map((number) => number.toString(36)).join(" "));
        }
        return kept.join(",");
    });
    return { sources, lines };
}

function numbers(segment) {
    const found = [];
    let [value, shift] = [0, 0];
    for (const digit of segment) {
        const bits = DIGITS.indexOf(digit);
        value += (bits & 31) << shift;
        shift += 5;
        if (bits & 32) continue;
        found.push(value & 1 ? -(value >> 1) : value >> 1);
        [value, shift] = [0, 0];
    }
    return found;
}

/** A message with places of the bundle, `bundle.js:768:31`, told in the author's source where they are there. */
export function inSource(message, { sources, lines }) {
    return message.replaceAll(/[^\s()@]*\b(?:user|bundle)\.js:(\d+):(\d+)/g, (whole, line, column) => {
        const segments = (lines[Number(line) - 1] ?? "").split(",").filter((text) => text !== "");
        const read = segments.map((text) => text.split(" ").map((number) => Number.parseInt(number, 36)));
        const found = read.findLast(([bundleColumn]) => bundleColumn <= Number(column) - 1) ?? read[0];
        return found === undefined ? whole : `${sources[found[1]]}:${found[2] + 1}:${found[3] + 1}`;
    });
}
