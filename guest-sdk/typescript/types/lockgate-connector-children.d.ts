declare module 'lockgate:connector/children' {
  /**
   * Says that the object has no children or bindings of this type, apart from those in its list. Called
   * before `prepare-internal-object` answers; of a declared child type of the object, or of its children.
   * A `snapshot` deletes stored children of a `complete` type that its list leaves out. A type of which it
   * has none, and of which this is not said, counts as not stated: its children stay as they are.
   */
  export function none(objectType: string): void;
}
