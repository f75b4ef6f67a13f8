/** What QuickJS lacks for text, and a `JSON.parse` that deep nesting does not end the instance with. */
export declare function installText(): void;
