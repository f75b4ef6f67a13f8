declare module 'lockgate:connector/settings' {
  /**
   * Absent: not set, or not granted.
   */
  export function get(key: string): string | undefined;
}
