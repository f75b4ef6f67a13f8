/** `Date` and `performance.now` tell the host's time. */

import { nowMs } from "#host";

function now(): number {
    return nowMs();
}

export function installClock(): void {
    const Native = Date;
    function HostDate(this: unknown, ...parts: unknown[]): unknown {
        if (!new.target) return new Native(now()).toString();
        return Reflect.construct(Native, parts.length === 0 ? [now()] : parts, new.target);
    }
    HostDate.prototype = Native.prototype;
    Object.assign(HostDate, { UTC: Native.UTC, parse: Native.parse, now });
    Object.defineProperty(HostDate, "name", { value: "Date" });
    Object.defineProperty(Native.prototype, "constructor", { value: HostDate, writable: true, configurable: true });
    Object.defineProperty(globalThis, "Date", { value: HostDate, writable: true, configurable: true });
    Object.defineProperty(globalThis, "performance", { value: { now }, writable: true, configurable: true });
}
