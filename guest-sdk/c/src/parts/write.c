// JSON, written.

#include <string.h>

#include "internal.h"
#include "lockgate_json.h"

struct lg_json_writer {
  lg_ctx *ctx;
  char *text;
  size_t len, room;
  // What is open, innermost last: '}' or ']'.
  char open[LG_JSON_DEPTH_MAX];
  int depth;
  bool comma;  // something stands before the next item
  bool named;  // a name waits for its value
  bool done;   // the document's one value is written
};

lg_json_writer *lg_json_write(lg_ctx *ctx) {
  lg_json_writer *to = lg_alloc(ctx, sizeof *to);
  to->ctx = ctx;
  return to;
}

static void append_text(lg_json_writer *to, const char *text, size_t len) {
  if (to->room - to->len < len + 1) {
    size_t room = to->room * 2 > to->len + len + 1 ? to->room * 2 : to->len + len + 1;
    if (room < 256) room = 256;
    to->text = lg_arena_take(&to->ctx->arena, to->text, to->room, 1, room);
    to->room = room;
  }
  memcpy(to->text + to->len, text, len);
  to->len += len;
}

static bool in_object(const lg_json_writer *to) { return to->depth && to->open[to->depth - 1] == '}'; }

// A value begins: what stands before it is written.
static void value_begins(lg_json_writer *to) {
  if (to->done) lg_panic("a JSON document has one value");
  if (in_object(to) && !to->named) lg_panic("a value in a JSON object needs a name");
  if (!to->named && to->comma) append_text(to, ",", 1);
  to->named = false;
}

static void value_ended(lg_json_writer *to) {
  to->comma = true;
  to->done = !to->depth;
}

static void container_begins(lg_json_writer *to, const char *bracket, char close) {
  value_begins(to);
  if (to->depth == LG_JSON_DEPTH_MAX) lg_panic("JSON is nested deeper than %d levels", LG_JSON_DEPTH_MAX);
  append_text(to, bracket, 1);
  to->open[to->depth++] = close;
  to->comma = false;
}

void lg_json_begin_object(lg_json_writer *to) { container_begins(to, "{", '}'); }
void lg_json_begin_array(lg_json_writer *to) { container_begins(to, "[", ']'); }

void lg_json_end(lg_json_writer *to) {
  if (!to->depth) lg_panic("no JSON object or array is open");
  if (to->named) lg_panic("a name in a JSON object has no value");
  append_text(to, &to->open[--to->depth], 1);
  value_ended(to);
}

// How long the first character is; 0: it is not UTF-8.
static size_t character(const char *text, size_t len) {
  for (size_t size = 1; size <= 4 && size <= len; size++) {
    if (lg_is_utf8(text, size)) return size;
  }
  return 0;
}

static void quoted(lg_json_writer *to, const char *text, size_t len) {
  append_text(to, "\"", 1);
  for (size_t at = 0; at < len;) {
    size_t size = character(text + at, len - at);
    uint8_t c = (uint8_t)text[at];
    if (!size) append_text(to, "\xef\xbf\xbd", 3);
    else if (c == '"' || c == '\\') append_text(to, (char[]){'\\', (char)c}, 2);
    else if (c < 0x20) append_text(to, (char[]){'\\', 'u', '0', '0', "01"[c >> 4], "0123456789abcdef"[c & 15]}, 6);
    else append_text(to, text + at, size);
    at += size ? size : 1;
  }
  append_text(to, "\"", 1);
}

void lg_json_put_name(lg_json_writer *to, const char *name) {
  if (!in_object(to) || to->named) lg_panic("a name in JSON stands in an object, before each value");
  if (to->comma) append_text(to, ",", 1);
  quoted(to, name, strlen(name));
  append_text(to, ":", 1);
  to->named = true;
}

static void word_of(lg_json_writer *to, const char *text) {
  value_begins(to);
  append_text(to, text, strlen(text));
  value_ended(to);
}

void lg_json_put_null(lg_json_writer *to) { word_of(to, "null"); }
void lg_json_put_boolean(lg_json_writer *to, bool value) { word_of(to, value ? "true" : "false"); }
void lg_json_put_integer(lg_json_writer *to, int64_t value) { word_of(to, lg_format(to->ctx, "%lld", (long long)value)); }

void lg_json_put_text_n(lg_json_writer *to, const char *text, size_t len) {
  value_begins(to);
  quoted(to, text, len);
  value_ended(to);
}

void lg_json_put_text(lg_json_writer *to, const char *text) {
  if (text) lg_json_put_text_n(to, text, strlen(text));
  else lg_json_put_null(to);
}

void lg_json_put_number(lg_json_writer *to, const char *digits) {
  if (digits && !lg_json_is_number(digits)) lg_panic("%s is not a number that JSON has", digits);
  word_of(to, digits ? digits : "null");
}

void lg_json_put(lg_json_writer *to, const lg_json *value) {
  if (!value || value->kind == LG_JSON_NULL) {
    lg_json_put_null(to);
    return;
  }
  switch (value->kind) {
    case LG_JSON_BOOLEAN: lg_json_put_boolean(to, value->boolean); return;
    case LG_JSON_NUMBER: lg_json_put_number(to, value->text); return;
    case LG_JSON_TEXT: lg_json_put_text(to, value->text); return;
    case LG_JSON_OBJECT: lg_json_begin_object(to); break;
    default: lg_json_begin_array(to);
  }
  for (const lg_json *item = value->items; item; item = item->next) {
    if (value->kind == LG_JSON_OBJECT) lg_json_put_name(to, item->name);
    lg_json_put(to, item);
  }
  lg_json_end(to);
}

const char *lg_json_written(lg_json_writer *to) {
  if (!to->done) lg_panic("a JSON document is asked for before it is finished");
  append_text(to, "", 0);
  to->text[to->len] = 0;
  return to->text;
}
