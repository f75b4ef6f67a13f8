declare module 'lockgate:connector/clock' {
  /**
   * Milliseconds since 1970-01-01T00:00:00Z, whole, and exact in a JavaScript number.
   */
  export function nowMs(): number;
}
