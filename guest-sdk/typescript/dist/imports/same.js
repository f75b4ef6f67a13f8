/** The stand-in has all that a component imports, with the same types: checked by `tsc`, and never run. */
export {};
