/** Checks of what an author's code hands over, made where it does so: an error's stack then begins there. */
/** Says of a value what it is, for messages: `a number`, `an array`, `nothing (undefined)`. */
export declare function describe(value: unknown): string;
export declare function requireText(value: unknown, name: string): string;
/** `null` counts as absent, as JSON has it. */
export declare function optionalText(value: unknown, name: string): string | undefined;
export declare function optionalBoolean(value: unknown, name: string): boolean | undefined;
export declare function optionalInteger(value: unknown, name: string): number | undefined;
