/** The stand-in has all that a component imports, with the same types: checked by `tsc`, and never run. */
import type * as component from "./component.js";
import type * as native from "./native.js";
type Same<Wanted, Found extends Wanted> = Found;
export type Checked = Same<typeof component, Pick<typeof native, keyof typeof component>>;
export {};
