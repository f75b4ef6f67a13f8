declare module 'lockgate:connector/types' {
  /**
   * What an external application asks to be done.
   * # Variants
   * 
   * ## `"create-object"`
   * 
   * ## `"update-object"`
   * 
   * ## `"delete-object"`
   * 
   * ## `"add-to-site"`
   * 
   * ## `"remove-from-site"`
   * 
   * ## `"create-document"`
   * 
   * ## `"update-document"`
   * 
   * ## `"delete-document"`
   * 
   * ## `"delete-all-cultures"`
   * 
   * ## `"publish-document"`
   * 
   * ## `"archive-document"`
   * 
   * ## `"move-document"`
   */
  export type TaskType = 'create-object' | 'update-object' | 'delete-object' | 'add-to-site' | 'remove-from-site' | 'create-document' | 'update-document' | 'delete-document' | 'delete-all-cultures' | 'publish-document' | 'archive-document' | 'move-document';
  /**
   * How much of the data is meant: the object alone with internal ids (`simple`), with
   * references to be translated (`simple-snapshot`), or with children and bindings (`snapshot`).
   * # Variants
   * 
   * ## `"simple"`
   * 
   * ## `"simple-snapshot"`
   * 
   * ## `"snapshot"`
   */
  export type DataType = 'simple' | 'simple-snapshot' | 'snapshot';
  /**
   * What the external application handed in, untouched.
   */
  export interface ExternalObject {
    /**
     * For example `application/json`.
     */
    mediaType: string,
    body: Uint8Array,
  }
  /**
   * A value of a field. Everything that a JavaScript number would round travels as text.
   */
  export type Value = ValueNull | ValueBoolean | ValueInteger | ValueDecimal | ValueReal | ValueText | ValueTimestamp | ValueGuid | ValueBinary | ValueJson | ValueReference;
  /**
   * Clears the field. A field that is left out stays as it is.
   */
  export interface ValueNull {
    tag: 'null',
  }
  export interface ValueBoolean {
    tag: 'boolean',
    val: boolean,
  }
  /**
   * A whole number of 64 bits with sign, in decimal digits: "-42".
   */
  export interface ValueInteger {
    tag: 'integer',
    val: string,
  }
  /**
   * An exact decimal number: "12.50".
   */
  export interface ValueDecimal {
    tag: 'decimal',
    val: string,
  }
  /**
   * Finite; NaN and infinities are refused.
   */
  export interface ValueReal {
    tag: 'real',
    val: number,
  }
  export interface ValueText {
    tag: 'text',
    val: string,
  }
  /**
   * RFC 3339 with an offset: "2026-01-31T12:00:00Z".
   */
  export interface ValueTimestamp {
    tag: 'timestamp',
    val: string,
  }
  /**
   * Hexadecimal with hyphens, any case.
   */
  export interface ValueGuid {
    tag: 'guid',
    val: string,
  }
  export interface ValueBinary {
    tag: 'binary',
    val: Uint8Array,
  }
  /**
   * One JSON document.
   */
  export interface ValueJson {
    tag: 'json',
    val: string,
  }
  /**
   * The id of an object or page in the external application. The content model says which
   * type it points to. Empty means no reference.
   */
  export interface ValueReference {
    tag: 'reference',
    val: string,
  }
  /**
   * A field is given once. From 1.1.0 on there is one exception, a list of references: it is given as several
   * fields of the same name, one after the other or not, each with a `reference`. Their order is the order of the list,
   * and no id stands in it twice. One `reference` alone is a list of one; `null`, or one `reference` that is empty,
   * is the empty list. The content model says of a field whether it holds one reference or a list.
   */
  export interface Field {
    name: string,
    value: Value,
  }
  /**
   * A child object or a binding, in a flat list: WIT has no recursive types.
   */
  export interface Child {
    /**
     * Position in the list of the child that this one belongs to, always an earlier one;
     * absent for children of the main object.
     */
    parent?: number,
    objectType: string,
    /**
     * Empty for a binding.
     */
    codeName: string,
    guid?: string,
    displayName?: string,
    fields: Array<Field>,
  }
  /**
   * An object of the content store, as the connector describes it.
   */
  export interface InfoObject {
    /**
     * A type that the content model declares, for example `cms.user`.
     */
    objectType: string,
    /**
     * Unique within site, parent and group, and found by them all. Empty for a binding, which is identified by what it binds.
     */
    codeName: string,
    /**
     * Hexadecimal with hyphens. Wins over the code name when an existing object is looked for.
     */
    guid?: string,
    /**
     * Absent: the code name.
     */
    displayName?: string,
    /**
     * External id of the site. Absent: the task's site, where the type belongs to sites.
     */
    site?: string,
    /**
     * External id of the parent object, where the type has one.
     */
    parent?: string,
    /**
     * External id of the group, where the type has one.
     */
    group?: string,
    fields: Array<Field>,
    /**
     * Children and bindings, in any order; read for `snapshot` only.
     */
    children: Array<Child>,
  }
  export interface ExternalPage {
    id: string,
    className: string,
  }
  /**
   * How a page names its parent.
   */
  export type PageParent = PageParentRoot | PageParentExternal | PageParentNodeGuid | PageParentPath;
  export interface PageParentRoot {
    tag: 'root',
  }
  /**
   * An external id, resolved by `get-internal-document-params`.
   */
  export interface PageParentExternal {
    tag: 'external',
    val: ExternalPage,
  }
  /**
   * The parent's node GUID.
   */
  export interface PageParentNodeGuid {
    tag: 'node-guid',
    val: string,
  }
  /**
   * The parent's alias path: "/about/team".
   */
  export interface PageParentPath {
    tag: 'path',
    val: string,
  }
  /**
   * A page of a content tree, in one culture.
   */
  export interface TreeNode {
    /**
     * A page type that the content model declares, for example `blog.post`.
     */
    className: string,
    /**
     * Identifies the page. Absent: the alias path does.
     */
    nodeGuid?: string,
    /**
     * External id of the site. Absent: the task's site.
     */
    site?: string,
    /**
     * For example `en-US`; one that the site declares.
     */
    culture: string,
    /**
     * The page's name in this culture.
     */
    name: string,
    /**
     * Last step of the page's path. Absent: made from the name for a new page, else unchanged.
     */
    alias?: string,
    /**
     * Absent: an existing page stays where it is; a new one goes under the root.
     */
    parent?: PageParent,
    /**
     * Position among its siblings, ascending. Absent: unchanged, and last for a new page.
     */
    order?: number,
    /**
     * Absent: unchanged, and not published for a new culture version.
     */
    published?: boolean,
    fields: Array<Field>,
  }
  /**
   * What `prepare-internal-object` answers.
   */
  export type Prepared = PreparedObject | PreparedPage | PreparedSkip;
  export interface PreparedObject {
    tag: 'object',
    val: InfoObject,
  }
  export interface PreparedPage {
    tag: 'page',
    val: TreeNode,
  }
  /**
   * Nothing to do, and why. The task is done.
   */
  export interface PreparedSkip {
    tag: 'skip',
    val: string,
  }
  /**
   * Where to find an internal object. From 1.1.0 on, `identity.by-guid` says it in place of all of this.
   */
  export interface ObjectParams {
    codeName: string,
    /**
     * Code name of the site. Absent: global objects only.
     */
    site?: string,
    /**
     * **External** id of the parent object, resolved in turn.
     */
    parent?: string,
    /**
     * **External** id of the group, resolved in turn.
     */
    group?: string,
  }
  /**
   * Where to find an internal page. All three are needed.
   */
  export interface DocumentParams {
    nodeGuid: string,
    /**
     * From 1.1.0 on, empty means: in any culture. The reference then points to the page as a whole.
     */
    culture: string,
    site: string,
  }
  export interface Problem {
    message: string,
    /**
     * Where in the external object, for example `items[3].sku`.
     */
    path?: string,
  }
  export interface Outage {
    message: string,
    /**
     * How long to wait before trying again.
     */
    retryAfterMs?: number,
  }
  /**
   * Why a translation failed.
   */
  export type ConnectorError = ConnectorErrorInvalid | ConnectorErrorNotFound | ConnectorErrorUnavailable | ConnectorErrorUnsupported | ConnectorErrorInternal;
  /**
   * The data is wrong; trying again is useless.
   */
  export interface ConnectorErrorInvalid {
    tag: 'invalid',
    val: Problem,
  }
  /**
   * The external application has no such object.
   */
  export interface ConnectorErrorNotFound {
    tag: 'not-found',
    val: Problem,
  }
  /**
   * The external application cannot be asked just now.
   */
  export interface ConnectorErrorUnavailable {
    tag: 'unavailable',
    val: Outage,
  }
  /**
   * Not a type that this connector translates.
   */
  export interface ConnectorErrorUnsupported {
    tag: 'unsupported',
    val: Problem,
  }
  /**
   * A fault of the connector itself.
   */
  export interface ConnectorErrorInternal {
    tag: 'internal',
    val: Problem,
  }
}
