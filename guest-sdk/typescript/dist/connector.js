/** The three methods of a connector. */
import { engine } from "#host";
/** The culture of {@link DocumentParams} for a page as a whole, in whichever culture it exists. */
export const ANY_CULTURE = "";
/**
 * A connector. Each task gets a fresh instance and its calls run one after the other, so a variable
 * lasts from `prepareInternalObject` to the params calls of the same task, and no further.
 */
export function connector(definition) {
    if (definition.async && engine === "quickjs")
        throw new Error("QuickJS waits for no promises: async connectors need --engine starlingmonkey");
    if (typeof definition.prepareInternalObject !== "function")
        throw new TypeError("a connector needs prepareInternalObject");
    return { definition: definition, made: new Error("the connector is here") };
}
