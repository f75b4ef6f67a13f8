declare module 'lockgate:connector/warnings' {
  /**
   * Adds a warning to the task, from any of the three methods. `path` says where in the external object, for example
   * `items[3].price`. The first 100 of a task are kept, texts to 1,000 bytes; further ones are counted. If the task
   * fails, its warnings are dropped: its error says what is wrong.
   */
  export function warn(message: string, path: string | undefined): void;
}
