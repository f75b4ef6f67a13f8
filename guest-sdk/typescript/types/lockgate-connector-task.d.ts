declare module 'lockgate:connector/task' {
  /**
   * What people call the task in lists. Absent: whoever submitted it gave it no title.
   */
  export function title(): string | undefined;
  /**
   * Name of the file that the external object was read from, without folders. Absent: not known, or it was no file.
   */
  export function fileName(): string | undefined;
  /**
   * The site that the task belongs to, as `prepare-internal-object` is told it. Absent: a task for global objects.
   */
  export function site(): string | undefined;
}
