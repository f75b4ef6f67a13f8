/** `Date` and `performance.now` tell the host's time. */
export declare function installClock(): void;
