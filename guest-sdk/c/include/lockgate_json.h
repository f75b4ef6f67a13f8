// Write JSON: bodies of requests, values of fields. The document is one text in the arena of the call.
//
//   lg_json_writer *to = lg_json_write(ctx);
//   lg_json_begin_object(to);
//   lg_json_put_name(to, "sku"), lg_json_put_text(to, sku);
//   lg_json_put_name(to, "amounts"), lg_json_begin_array(to);
//   for (size_t i = 0; i < count; i++) lg_json_put_integer(to, amounts[i]);
//   lg_json_end(to);
//   lg_json_end(to);
//   lg_set(object, "raw", lg_json_text(lg_json_written(to)));
//
// What would be no JSON is a fault of the connector, told with its place by lg_panic: a name outside of an object or where a value is
// due, an end too many, a document that is not finished, a number that is none.
#ifndef LOCKGATE_JSON_H
#define LOCKGATE_JSON_H

#include "lockgate.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct lg_json_writer lg_json_writer;

LG_NEEDED lg_json_writer *lg_json_write(lg_ctx *ctx);
LG_NEEDED void lg_json_begin_object(lg_json_writer *to);
LG_NEEDED void lg_json_begin_array(lg_json_writer *to);
// Of the object or array that was begun last.
LG_NEEDED void lg_json_end(lg_json_writer *to);
// Before each value in an object.
LG_NEEDED void lg_json_put_name(lg_json_writer *to, const char *name);
// Texts: NULL is null. What is not UTF-8 is replaced by U+FFFD, byte for byte.
void lg_json_put_text(lg_json_writer *to, const char *text);
void lg_json_put_text_n(lg_json_writer *to, const char *text, size_t len);
void lg_json_put_integer(lg_json_writer *to, int64_t value);
// Digits as JSON has them: "-12.50". NULL is null.
void lg_json_put_number(lg_json_writer *to, const char *digits);
void lg_json_put_boolean(lg_json_writer *to, bool value);
void lg_json_put_null(lg_json_writer *to);
// What lg_json_parse has read, in whole; NULL is null.
void lg_json_put(lg_json_writer *to, const lg_json *value);
// The document; it may be asked for once.
LG_NEEDED LG_RESULT const char *lg_json_written(lg_json_writer *to);

#ifdef __cplusplus
}
#endif
#endif
