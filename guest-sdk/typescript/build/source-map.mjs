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
