// JSON (RFC 8259) into a tree in the arena.

#include <string.h>

#include "internal.h"

typedef struct {
  lg_ctx *ctx;
  const char *start, *at, *end;
  lg_result failed;
} reader;

static void *fail(reader *from, const char *what) {
  if (!lg_failed(from->failed)) {
    int line = 1, column = 1;
    for (const char *c = from->start; c < from->at; c++) {
      if (*c == '\n') line++, column = 1;
      else column++;
    }
    from->failed = lg_invalid(from->ctx, lg_format(from->ctx, "%s at line %d column %d", what, line, column), NULL);
  }
  return NULL;
}

// What comes next after white space; END behind the last byte, which no byte is: a document may have NUL in it.
enum { END = -1 };
static int json_peek(reader *from) {
  while (from->at < from->end && (*from->at == ' ' || *from->at == '\t' || *from->at == '\n' || *from->at == '\r')) from->at++;
  return from->at < from->end ? (uint8_t)*from->at : END;
}

static bool word(reader *from, const char *text) {
  size_t len = strlen(text);
  if ((size_t)(from->end - from->at) < len || memcmp(from->at, text, len) != 0) return false;
  from->at += len;
  return true;
}

static bool hex(reader *from, uint32_t *value) {
  *value = 0;
  for (int i = 0; i < 4; i++, from->at++) {
    char c = from->at < from->end ? *from->at : 0;
    char low = (char)(c | 0x20);
    if (c >= '0' && c <= '9') *value = *value * 16 + (uint32_t)(c - '0');
    else if (low >= 'a' && low <= 'f') *value = *value * 16 + (uint32_t)(low - 'a' + 10);
    else return false;
  }
  return true;
}

static char *encode(char *to, uint32_t point) {
  if (point < 0x80) {
    *to++ = (char)point;
    return to;
  }
  int more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  *to++ = (char)((0xff00 >> (more + 1)) | (point >> 6 * more));
  while (more--) *to++ = (char)(0x80 | ((point >> 6 * more) & 0x3f));
  return to;
}

static bool escape(reader *from, char **to) {
  static const char from_letter[] = "\"\\/bfnrt", becomes[] = "\"\\/\b\f\n\r\t";
  char letter = from->at < from->end ? *from->at++ : 0;
  const char *known = letter ? strchr(from_letter, letter) : NULL;
  if (known) {
    *(*to)++ = becomes[known - from_letter];
    return true;
  }
  uint32_t point, low;
  if (letter != 'u' || !hex(from, &point) || (point >= 0xdc00 && point < 0xe000) || point == 0) return false;
  if (point >= 0xd800 && point < 0xdc00) {
    if (!word(from, "\\u") || !hex(from, &low) || low < 0xdc00 || low >= 0xe000) return false;
    point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
  }
  *to = encode(*to, point);
  return true;
}

// No text is longer than it was with its escapes.
static const char *json_text(reader *from) {
  const char *close = ++from->at;
  while (close < from->end && *close != '"') close += *close == '\\' ? 2 : 1;
  if (close >= from->end) return fail(from, "a text without an end");
  char *made = lg_alloc(from->ctx, (size_t)(close - from->at) + 1), *to = made;
  while (from->at < close) {
    char c = *from->at;
    if ((uint8_t)c < 0x20) return fail(from, "a control character in a text");
    from->at++;
    if (c != '\\') *to++ = c;
    else if (!escape(from, &to)) return fail(from, "an escape that JSON or C does not have");
  }
  from->at = close + 1;
  return made;
}

static size_t json_digits(const char **at, const char *end) {
  const char *first = *at;
  while (*at < end && **at >= '0' && **at <= '9') (*at)++;
  return (size_t)(*at - first);
}

// Where a number ends that begins here; NULL: there is none.
static const char *number_end(const char *at, const char *end) {
  if (at < end && *at == '-') at++;
  bool zero = at < end && *at == '0';
  size_t whole = json_digits(&at, end);
  bool good = whole && (!zero || whole == 1);
  if (good && at < end && *at == '.') at++, good = json_digits(&at, end);
  if (good && at < end && (*at == 'e' || *at == 'E')) {
    at++;
    if (at < end && (*at == '+' || *at == '-')) at++;
    good = json_digits(&at, end);
  }
  return good ? at : NULL;
}

bool lg_json_is_number(const char *text) {
  const char *end = text + strlen(text);
  return number_end(text, end) == end;
}

static const char *json_number(reader *from) {
  const char *at = number_end(from->at, from->end);
  if (!at) return fail(from, "a number that JSON does not have");
  const char *digits = lg_copy_n(from->ctx, from->at, (size_t)(at - from->at));
  from->at = at;
  return digits;
}

static lg_json *json_value(reader *from, int depth);

// The items of an array or object, whose first character is next.
static bool json_items(reader *from, lg_json *into, int depth) {
  if (depth == LG_JSON_DEPTH_MAX) return fail(from, "nested too deep");
  char close = *from->at++ == '{' ? '}' : ']';
  lg_json **last = &into->items;
  if (json_peek(from) == close) {
    from->at++;
    return true;
  }
  for (;;) {
    const char *name = NULL;
    if (close == '}') {
      if (json_peek(from) != '"') return fail(from, "a name is expected");
      if (!(name = json_text(from))) return false;
      if (json_peek(from) != ':') return fail(from, "`:` is expected");
      from->at++;
    }
    lg_json *item = json_value(from, depth + 1);
    if (!item) return false;
    item->name = name;
    *last = item;
    last = &item->next;
    int next = json_peek(from);
    if (next != ',' && next != close) return fail(from, close == '}' ? "`,` or `}` is expected" : "`,` or `]` is expected");
    from->at++;
    if (next == close) return true;
  }
}

static lg_json *json_value(reader *from, int depth) {
  lg_json *made = lg_alloc(from->ctx, sizeof *made);
  int next = json_peek(from);
  if (next == '{' || next == '[') {
    made->kind = next == '{' ? LG_JSON_OBJECT : LG_JSON_ARRAY;
    return json_items(from, made, depth) ? made : NULL;
  }
  if (next == '"') {
    made->kind = LG_JSON_TEXT;
    return (made->text = json_text(from)) ? made : NULL;
  }
  if (next == '-' || (next >= '0' && next <= '9')) {
    made->kind = LG_JSON_NUMBER;
    return (made->text = json_number(from)) ? made : NULL;
  }
  if (word(from, "null")) return made;
  made->kind = LG_JSON_BOOLEAN;
  made->boolean = word(from, "true");
  return made->boolean || word(from, "false") ? made : fail(from, next != END ? "a value is expected" : "the document ends too early");
}

lg_result lg_json_parse(lg_ctx *ctx, lg_bytes document, const lg_json **parsed) {
  const char *start = document.len ? (const char *)document.ptr : "";
  reader from = {ctx, start, start, start + document.len, lg_ok()};
  *parsed = NULL;
  if (!lg_is_utf8(start, document.len)) return lg_invalid(ctx, "the document is not UTF-8", NULL);
  word(&from, "\xef\xbb\xbf");
  const lg_json *whole = json_value(&from, 0);
  if (whole && json_peek(&from) != END) fail(&from, "something is behind the end of the document");
  if (!lg_failed(from.failed)) *parsed = whole;
  return from.failed;
}

const lg_json *lg_json_get(const lg_json *object, const char *name) {
  const lg_json *found = NULL;
  if (!object || object->kind != LG_JSON_OBJECT) return NULL;
  for (const lg_json *item = object->items; item; item = item->next) {
    if (!strcmp(item->name, name)) found = item;
  }
  return found;
}

const lg_json *lg_json_items(const lg_json *value) { return value ? value->items : NULL; }

size_t lg_json_count(const lg_json *value) {
  size_t count = 0;
  for (const lg_json *item = lg_json_items(value); item; item = item->next) count++;
  return count;
}

bool lg_json_is(const lg_json *value, lg_json_kind kind) { return value && value->kind == kind; }
const char *lg_json_as_text(const lg_json *value) { return lg_json_is(value, LG_JSON_TEXT) ? value->text : NULL; }
const char *lg_json_as_number(const lg_json *value) { return lg_json_is(value, LG_JSON_NUMBER) ? value->text : NULL; }
const char *lg_json_as_id(const lg_json *value) { return value ? value->text : NULL; }

bool lg_json_as_boolean(const lg_json *value, bool *boolean) {
  if (!lg_json_is(value, LG_JSON_BOOLEAN)) return false;
  *boolean = value->boolean;
  return true;
}

// Digits alone: 1e3 and 7.0 are whole too, and no application writes a whole number so.
bool lg_json_as_integer(const lg_json *value, int64_t *integer) {
  const char *at = lg_json_as_number(value);
  if (!at) return false;
  bool negative = *at == '-';
  int64_t made = 0;
  for (at += negative; *at; at++) {
    if (*at < '0' || *at > '9') return false;
    int digit = negative ? '0' - *at : *at - '0';
    if (__builtin_mul_overflow(made, 10, &made) || __builtin_add_overflow(made, digit, &made)) return false;
  }
  *integer = made;
  return true;
}
