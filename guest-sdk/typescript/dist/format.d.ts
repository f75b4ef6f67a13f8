/** Values as text, for the log. */
/** As `console.log` puts its arguments together. */
export declare function format(parts: unknown[]): string;
