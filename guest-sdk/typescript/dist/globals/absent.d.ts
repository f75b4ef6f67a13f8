/** What the types of ECMAScript declare and an engine may lack: to use it is told, and not `undefined` somewhere. */
export declare function installAbsent(): void;
