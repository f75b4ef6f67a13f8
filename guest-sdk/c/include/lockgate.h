// Write Lockgate connectors in C.
//
// A connector is one function, prepare_internal_object, and two more if it has references. What it
// builds lives in the arena of the call and is freed when the host has read the answer: there is
// nothing to free, and nothing to free twice. Knows the host through gen/connector.h only, and no
// external format but JSON (lg_json_parse): bring the parser that suits the external application.
//
// Texts are UTF-8 and end with NUL. A text that is NULL is absent.
#ifndef LOCKGATE_H
#define LOCKGATE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

// Of this library: what is built with another major version may need changes.
#define LG_VERSION "0.1.0"
#define LG_VERSION_MAJOR 0
#define LG_VERSION_MINOR 1
#define LG_VERSION_PATCH 0

#ifdef __cplusplus
#define LG_STATIC_ASSERT static_assert
extern "C" {
#else
#define LG_STATIC_ASSERT _Static_assert
#endif

// No argument may be NULL.
#define LG_NEEDED __attribute__((nonnull))
// The compiler warns where the result is dropped: an answer that is not returned, an error that is not looked at.
#define LG_RESULT __attribute__((warn_unused_result))

// One call of one of the three methods: its arena and its answer.
typedef struct lg_ctx lg_ctx;

// What a method returns: an answer or an error, made by the functions below and by nothing else.
typedef struct {
  uint8_t code;
} lg_result;

// Bytes, which may have NUL among them.
typedef struct {
  const uint8_t *ptr;
  size_t len;
} lg_bytes;

// ---- what comes in ----

typedef enum {
  LG_CREATE_OBJECT,
  LG_UPDATE_OBJECT,
  LG_DELETE_OBJECT,
  LG_ADD_TO_SITE,
  LG_REMOVE_FROM_SITE,
  LG_CREATE_DOCUMENT,
  LG_UPDATE_DOCUMENT,
  LG_DELETE_DOCUMENT,
  LG_DELETE_ALL_CULTURES,
  LG_PUBLISH_DOCUMENT,
  LG_ARCHIVE_DOCUMENT,
  LG_MOVE_DOCUMENT
} lg_task_type;

typedef enum { LG_SIMPLE, LG_SIMPLE_SNAPSHOT, LG_SNAPSHOT } lg_data_type;

// What the external application handed in.
typedef struct {
  const char *media_type;  // for example "application/json"
  lg_bytes body;           // a NUL follows, so `(const char *)body.ptr` is a text
} lg_external;

// What is to be done with it. Most connectors translate alike for all task types.
typedef struct {
  lg_task_type task_type;
  lg_data_type data_type;  // children and bindings are read for LG_SNAPSHOT only
  const char *site_name;   // external id of the task's site; NULL for global objects
} lg_task;

// ---- the three methods: the connector defines them ----

// Translates the external object. Called once a task, deletes included. Answers with lg_object_answer,
// lg_page_answer, lg_skip or an error.
lg_result prepare_internal_object(lg_ctx *ctx, const lg_external *external, const lg_task *task);

// Where the object with this external id is found. Called for each reference to an object type, and
// with "cms.site" for a site. Not defined, it answers that no references are translated.
lg_result get_internal_object_params(lg_ctx *ctx, const char *id, const char *object_type);

// Where the page with this external id is found. Called for each reference to a page type.
lg_result get_internal_document_params(lg_ctx *ctx, const char *id, const char *class_name);

// ---- values ----

typedef struct {
  uint8_t tag;
  union {
    bool boolean;
    int64_t integer;
    double real;
    lg_bytes bytes;
  } val;
} lg_value;

lg_value lg_null(void);  // clears the field; a field that is not set stays as it is
lg_value lg_boolean(bool value);
lg_value lg_integer(int64_t value);
lg_value lg_real(double value);           // finite
lg_value lg_decimal(const char *digits);  // exact: "12.50"
lg_value lg_text(const char *text);       // these and the following: NULL is lg_null()
lg_value lg_text_n(const char *text, size_t len);
lg_value lg_timestamp(const char *rfc3339);  // with an offset: "2026-01-31T12:00:00Z"
lg_value lg_guid(const char *guid);
lg_value lg_json_text(const char *document);
lg_value lg_reference(const char *external_id);  // "" is no reference
lg_value lg_binary(lg_bytes bytes);
// External ids in order, for a field that the content model declares as a list; none: the empty list, where a field that is not set
// stays as it is. An id that is empty, or there twice, is a fault of the connector, told by lg_set.
lg_value lg_references(const char *const *external_ids, size_t count);

// ---- builders: members may be set until the answer; what they point to is copied by it ----

typedef struct lg_field lg_field;

typedef struct {
  lg_ctx *ctx;
  lg_field *first, *last;
  size_t len;
} lg_fields;

// A child object, or a binding.
typedef struct lg_child {
  const char *object_type;
  const char *code_name;  // "" for a binding
  const char *guid;
  const char *display_name;  // NULL: the code name
  lg_fields fields;
  // Kept by the library.
  struct lg_object *object;
  struct lg_child *next;
  uint32_t index;
  int64_t parent;
} lg_child;

// An object of the content store.
typedef struct lg_object {
  const char *object_type;   // as the content model declares it
  const char *code_name;     // unique within site, parent and group
  const char *guid;          // hexadecimal with hyphens; wins over the code name
  const char *display_name;  // NULL: the code name
  const char *site;          // external id; NULL: the task's
  const char *parent;        // external id of the parent object
  const char *group;         // external id of the group
  lg_fields fields;
  // Kept by the library.
  lg_child *first, *last;
  uint32_t children;
  struct lg_none *none;
} lg_object;

typedef enum { LG_UNCHANGED, LG_NO, LG_YES } lg_published;

// A page of a content tree, in one culture.
typedef struct {
  const char *class_name;
  const char *node_guid;  // NULL: the alias path identifies the page
  const char *site;       // external id; NULL: the task's
  const char *culture;    // for example "en-US"
  const char *name;
  const char *alias;  // last step of the path; NULL: made from the name, or unchanged
  // One of four ways to name the parent. None: a page stays where it is, a new one goes under the root.
  bool parent_is_root;
  const char *parent_id, *parent_class;  // an external id and its page type
  const char *parent_guid;
  const char *parent_path;  // "/about/team"
  bool has_order;           // else the order is unchanged, and a new page is the last
  int32_t order;            // among its siblings, ascending
  lg_published published;
  lg_fields fields;
} lg_page;

LG_NEEDED lg_object *lg_object_new(lg_ctx *ctx, const char *object_type, const char *code_name);
LG_NEEDED lg_page *lg_page_new(lg_ctx *ctx, const char *class_name, const char *culture, const char *name);
LG_NEEDED lg_child *lg_child_new(lg_object *object, const char *object_type, const char *code_name);
LG_NEEDED lg_child *lg_child_of(lg_child *parent, const char *object_type, const char *code_name);
// A binding with one reference, the common form. Of others set the fields of lg_child_new(object, type, "").
lg_child *lg_binding_new(lg_object *object, const char *object_type, const char *field, const char *external_id);

// Says that the object, or its children, have no children or bindings of this type but those that are added: what else is stored of a
// `complete` type is deleted. Without it, a type of which none is added is not stated, and left as it is stored.
LG_NEEDED void lg_children_none(lg_object *object, const char *object_type);
// Takes that back.
LG_NEEDED void lg_children_leave(lg_object *object, const char *object_type);
// Whether it was said, for tests.
LG_NEEDED bool lg_children_are_none(const lg_object *object, const char *object_type);

// Sets a field of an object, child or page, in place of a value that it has; name and value are copied.
#define lg_set(owner, name, value) lg_fields_set(&(owner)->fields, name, value)
// Sets it, or leaves it as it is when there is no value.
#define lg_set_opt(owner, name, value) lg_fields_set_opt(&(owner)->fields, name, value)
LG_NEEDED void lg_fields_set(lg_fields *fields, const char *name, lg_value value);
LG_NEEDED void lg_fields_set_opt(lg_fields *fields, const char *name, lg_value value);
// The value that was set, for tests; NULL if none was.
#define lg_get(owner, name) lg_fields_get(&(owner)->fields, name)
const lg_value *lg_fields_get(const lg_fields *fields, const char *name);

// ---- answers ----

LG_NEEDED LG_RESULT lg_result lg_object_answer(lg_object *object);
LG_NEEDED LG_RESULT lg_result lg_page_answer(lg_page *page);
// Nothing to do, and why. The task is done.
LG_NEEDED LG_RESULT lg_result lg_skip(lg_ctx *ctx, const char *reason);

// An object is found by its GUID alone, or by its code name with what that is unique within.
typedef struct {
  const char *code_name;
  const char *guid;    // nothing else is given beside it
  const char *site;    // code name; NULL: global objects only
  const char *parent;  // external id, resolved in turn
  const char *group;   // external id, resolved in turn
} lg_object_params;

typedef struct {
  const char *node_guid;
  const char *culture;  // NULL: in any culture; the reference then points to the page as a whole
  const char *site;     // a code name
} lg_document_params;

// lg_found_object(ctx, (lg_object_params){ .code_name = id })
LG_NEEDED LG_RESULT lg_result lg_found_object(lg_ctx *ctx, lg_object_params params);
LG_NEEDED LG_RESULT lg_result lg_found_page(lg_ctx *ctx, lg_document_params params);

// ---- errors: the kind decides what becomes of the task. `path` may be NULL: "items[3].sku" ----

// The data is wrong; trying again is useless.
LG_RESULT lg_result lg_invalid(lg_ctx *ctx, const char *message, const char *path);
// The external application has no such object.
LG_RESULT lg_result lg_not_found(lg_ctx *ctx, const char *message, const char *path);
// The external application cannot be asked just now; 0 says nothing about when.
LG_RESULT lg_result lg_unavailable(lg_ctx *ctx, const char *message, uint32_t retry_after_ms);
// Not a type that this connector translates.
LG_RESULT lg_result lg_unsupported(lg_ctx *ctx, const char *message, const char *path);
// A fault of the connector itself.
LG_RESULT lg_result lg_internal(lg_ctx *ctx, const char *message, const char *path);

// For functions of your own that answer nothing yet, and can fail.
LG_RESULT lg_result lg_ok(void);
bool lg_failed(lg_result result);
#define LG_TRY(call)                          \
  do {                                        \
    lg_result lg_tried = (call);              \
    if (lg_failed(lg_tried)) return lg_tried; \
  } while (0)

// ---- faults: the message and the place go to the task's log, the instance ends, the task fails ----

#define lg_panic(...) lg_panic_at(__FILE_NAME__, __LINE__, __func__, __VA_ARGS__)
// As assert(), and there with NDEBUG too.
#define LG_ASSERT(condition) ((condition) ? (void)0 : lg_panic("%s does not hold", #condition))
__attribute__((noreturn, format(printf, 4, 5))) void lg_panic_at(const char *file, int line, const char *function, const char *format, ...);

// libc's own say nothing here. C++ has names of its own for them, and an abort there is a trap without words.
#if defined(__wasm__) && !defined(__cplusplus)
#define abort() lg_panic("abort() was called")
#define __assert_fail lg_assert_fail
#endif
__attribute__((noreturn)) void lg_assert_fail(const char *condition, const char *file, int line, const char *function);

// ---- memory and text ----

// Zeroed, from the arena of the call. Never NULL: without memory the task ends.
#define lg_alloc(ctx, size) lg_alloc_at(ctx, size, __FILE_NAME__, __LINE__)
// Lasts until the task ends: for what get_internal_*_params must know of what was prepared.
#define lg_keep(size) lg_keep_at(size, __FILE_NAME__, __LINE__)
void *lg_alloc_at(lg_ctx *ctx, size_t size, const char *file, int line);
void *lg_keep_at(size_t size, const char *file, int line);
char *lg_copy(lg_ctx *ctx, const char *text);
char *lg_copy_n(lg_ctx *ctx, const char *text, size_t len);
// Knows %s %c %d %i %u %x %X with h, l, ll, z, width, 0 and precision; floating point needs <stdio.h>.
__attribute__((format(printf, 2, 3))) char *lg_format(lg_ctx *ctx, const char *format, ...);
bool lg_is_utf8(const char *text, size_t len);
// The same GUID for the same name every time (version 5, under the URL namespace's `space`).
char *lg_guid_from_name(lg_ctx *ctx, const char *space, const char *name);

// ---- JSON, for those who have no parser yet; <lockgate_json.h> writes it ----

// How deep a document may be nested, as in the SDKs of all languages.
#define LG_JSON_DEPTH_MAX 128

typedef enum { LG_JSON_NULL, LG_JSON_BOOLEAN, LG_JSON_NUMBER, LG_JSON_TEXT, LG_JSON_ARRAY, LG_JSON_OBJECT } lg_json_kind;

typedef struct lg_json {
  lg_json_kind kind;
  const char *name;  // in an object; else NULL
  const char *text;  // of a text; the digits of a number, as they were
  bool boolean;
  struct lg_json *items;  // the first of an array or object
  struct lg_json *next;   // the one after this
} lg_json;

// A result that failed is `invalid` and says where; `*parsed` is NULL then. A byte order mark is skipped.
LG_NEEDED LG_RESULT lg_result lg_json_parse(lg_ctx *ctx, lg_bytes document, const lg_json **parsed);
// NULL: not there, or `object` is none. Of several with one name the last.
const lg_json *lg_json_get(const lg_json *object, const char *name);
// The first item of an array or object, whose `next` leads on; NULL: none, or `value` is neither.
const lg_json *lg_json_items(const lg_json *value);
size_t lg_json_count(const lg_json *value);
// All of these take NULL, which is of no kind.
bool lg_json_is(const lg_json *value, lg_json_kind kind);
const char *lg_json_as_text(const lg_json *value);    // NULL: no text
const char *lg_json_as_number(const lg_json *value);  // the digits as they were, for lg_decimal; NULL: no number
// Ids are texts for one application and numbers for another: the text of either; NULL: neither.
const char *lg_json_as_id(const lg_json *value);
// False: no whole number, or one that does not fit, and `*integer` stays.
bool lg_json_as_integer(const lg_json *value, int64_t *integer);
// False: neither true nor false, and `*boolean` stays.
bool lg_json_as_boolean(const lg_json *value, bool *boolean);

// ---- what the host offers ----

typedef enum { LG_TRACE, LG_DEBUG, LG_INFO, LG_WARN, LG_ERROR } lg_level;

// A line in the task's log, cut at 1,000 bytes. printf() and puts() go there as well, at level info.
__attribute__((format(printf, 2, 3))) void lg_log(lg_level level, const char *format, ...);

// Tells people of what went less well than they may think, though there is an answer: a value that was left out, rounded or guessed.
// `path` may be NULL. Shown with the task, and dropped if it fails; the host keeps the first 100 of a task and counts the rest.
__attribute__((format(printf, 3, 4))) void lg_warn(lg_ctx *ctx, const char *path, const char *format, ...);

// What is known of the task, in any of the three methods. NULL: it has no title; no file is known; it is for global objects.
LG_NEEDED const char *lg_task_title(lg_ctx *ctx);
LG_NEEDED const char *lg_task_file_name(lg_ctx *ctx);  // without folders
LG_NEEDED const char *lg_task_site(lg_ctx *ctx);       // an external id

// Milliseconds since 1970-01-01T00:00:00Z.
uint64_t lg_now_ms(void);
void lg_random(void *buffer, size_t len);
// What the operator set; NULL: not set, or not granted.
LG_NEEDED const char *lg_setting(lg_ctx *ctx, const char *key);
// A placeholder that the host replaces in outgoing requests; NULL: not asked for, or not granted.
LG_NEEDED const char *lg_secret(lg_ctx *ctx, const char *name);

// What is kept from task to task, stored with the task's effects, or not at all if it fails.
// `bytes->ptr` is NULL: never written, deleted, or not granted.
LG_NEEDED lg_bytes lg_state_get(lg_ctx *ctx, const char *key);
LG_NEEDED LG_RESULT lg_result lg_state_set(lg_ctx *ctx, const char *key, lg_bytes value);
LG_NEEDED LG_RESULT lg_result lg_state_delete(lg_ctx *ctx, const char *key);
// Keys that begin so, ascending; NULL is after the last.
LG_NEEDED const char **lg_state_keys(lg_ctx *ctx, const char *prefix);

// ---- the manifest: what the connector asks its operator for. Once, outside of functions ----

// LG_MANIFEST("manifest.toml"): the path is the compiler's, from where it runs or from its -I.
#ifdef __wasm__
#define LG_MANIFEST(path)                                                          \
  __asm__(".section \".custom_section.lockgate:manifest\",\"\",@\n.incbin \"" path \
          "\"\n"                                                                   \
          ".text\n")
#else
#define LG_MANIFEST(path) LG_STATIC_ASSERT(sizeof(path) > 1, "a path")
#endif

#ifdef __cplusplus
}
#endif
#endif
