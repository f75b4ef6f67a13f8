declare module 'wasi:clocks/monotonic-clock' {
  /**
   * In nanoseconds.
   */
  export type Duration = bigint;
}
