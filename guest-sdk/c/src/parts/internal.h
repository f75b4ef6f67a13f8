// What the files of the library share and connectors do not see.
#ifndef LOCKGATE_INTERNAL_H
#define LOCKGATE_INTERNAL_H

#include "../../gen/connector.h"
#include "lockgate.h"
#include "lockgate_http.h"

struct lg_field {
  const char *name;
  lg_value value;
  lg_field *next;
};

typedef struct lg_none {
  const char *object_type;
  struct lg_none *next;
} lg_none;

typedef struct lg_chunk lg_chunk;

typedef struct {
  char *at, *end;
  lg_chunk *first, *last, *current;
} lg_arena;

typedef connector_string_t lg_string;
typedef exports_lockgate_connector_translator_connector_error_t lg_error;

struct lg_ctx {
  lg_arena arena;
  const char *not_utf8;  // the first field whose text is not UTF-8
  const void *answered;  // the lg_object or lg_page of the answer, for tests
  union {
    exports_lockgate_connector_translator_prepared_t prepared;
    exports_lockgate_connector_translator_object_params_t object;
    exports_lockgate_connector_translator_document_params_t document;
    lg_error error;
  } answer;
};

// Codes of lg_result. Zero is a result that nobody made.
enum { LG_OK = 1, LG_PREPARED, LG_FOUND_OBJECT, LG_FOUND_PAGE, LG_ERRED };

// Tags of values, as the contract numbers them; digits and other texts share `bytes`.
#define LG_TAG(name) LOCKGATE_CONNECTOR_TYPES_VALUE_##name
// A list of references, which the contract has as many fields of one name: `bytes` has texts and their count.
enum { LG_REFERENCES = 0xff };
static inline const char *const *lg_ids(const lg_value *value) { return (const char *const *)(const void *)value->val.bytes.ptr; }

// Not zeroed; grows the newest block in place.
void *lg_arena_take(lg_arena *arena, void *old, size_t old_size, size_t align, size_t size);
#undef lg_alloc
#define lg_alloc(ctx, size) lg_alloc_at(ctx, size, NULL, 0)
// Forgets what was taken and keeps the memory.
void lg_arena_reset(lg_arena *arena);

// Plays the external application natively; NULL: nobody does.
extern lg_result (*lg_http_answer)(lg_ctx *ctx, const lg_http_request *request, lg_http_response *response);

// The call that runs; the host's own allocations go to its arena too.
extern lg_ctx lg_current;

// Called when a method has answered, so that what was printed without an end of line is logged; NULL: nothing was.
extern void (*lg_at_end)(void);

// As much as fits into `size` bytes, NUL included; answers how long the whole is.
size_t lg_write(char *out, size_t size, const char *format, va_list arguments);

// Replaces what is not ASCII by `?`, unless all of it is UTF-8.
void lg_force_utf8(char *text, size_t len);

// A line at level error, without a use of the arena: memory may be what is missing.
__attribute__((noreturn, format(printf, 1, 2))) void lg_die(const char *format, ...);

// Whether a value of this tag is a text, of whatever meaning.
bool lg_has_text(uint8_t tag);

// Whether all of it is one number of JSON.
bool lg_json_is_number(const char *text);

// A copy in the arena; NULL becomes "".
lg_string lg_string_of(lg_ctx *ctx, const char *text);
connector_option_string_t lg_option_of(lg_ctx *ctx, const char *text);
// What the host wrote into the arena ends with NUL; nothing at all is "".
static inline const char *lg_text_of(const uint8_t *text, size_t len) { return len ? (const char *)text : ""; }
// A view, for what the host reads at once.
lg_string lg_view(const char *text);

#endif
