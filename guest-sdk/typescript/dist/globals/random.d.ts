/** `Math.random` and `crypto` draw from the host. */
export declare function installRandom(): void;
