declare module 'lockgate:connector/secrets' {
  /**
   * A placeholder for the secret, another one for each task. Put it where the value belongs, in a
   * header, the query or the body of an outgoing request, also inside `Basic` credentials: the host
   * replaces it, towards the hosts that the secret was granted for. Absent: not asked for in the
   * manifest, or not granted.
   */
  export function get(name: string): string | undefined;
}
