// One content line: its name, its parameters, and its value in UTF-8.

#include <string.h>

#include "vcard.h"

static char upper(char c) { return c >= 'a' && c <= 'z' ? (char)(c - 32) : c; }

bool same(const char *left, const char *right) {
  while (*left && upper(*left) == upper(*right)) left++, right++;
  return upper(*left) == upper(*right);
}

bool starts(const char *text, const char *prefix) {
  while (*prefix && upper(*text) == upper(*prefix)) text++, prefix++;
  return !*prefix;
}

size_t until(const char *text, const char *ends) {
  for (size_t len = 0;; len++) {
    const char *end = ends;
    while (*end && *end != text[len]) end++;
    if (*end || !text[len]) return len;
  }
}

static const char *upper_copy(lg_ctx *ctx, const char *text, size_t len) {
  char *copy = lg_copy_n(ctx, text, len);
  for (char *at = copy; *at; at++) *at = upper(*at);
  return copy;
}

lg_result wrong(lg_ctx *ctx, int line, const char *what) { return lg_invalid(ctx, what, lg_format(ctx, "line %d", line)); }

// RFC 6868: ^n, ^' and ^^ in the values of parameters.
static const char *param_value(lg_ctx *ctx, const char *text, size_t len) {
  char *value = lg_copy_n(ctx, text, len), *to = value;
  for (const char *from = value; *from; from++) {
    if (from[0] == '^' && (from[1] == 'n' || from[1] == '\'' || from[1] == '^')) {
      from++;
      *to++ = *from == 'n' ? '\n' : *from == '\'' ? '"' : '^';
    } else {
      *to++ = *from;
    }
  }
  *to = 0;
  return value;
}

// What a word alone stands for, as in vCard 2.1: an encoding, or else a TYPE.
static const char *name_of_word(const char *word, size_t len) {
  static const char *const encodings[] = {"QUOTED-PRINTABLE", "BASE64", "8BIT", "7BIT"};
  for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++) {
    if (len == strlen(encodings[i]) && starts(word, encodings[i])) return "ENCODING";
  }
  return "TYPE";
}

// Adds what stands behind a `;`: NAME=value,"value".
static lg_result read_param(lg_ctx *ctx, const char **at, property *into, param ***last) {
  size_t name_len = until(*at, "=;:");
  const char *name = (*at)[name_len] == '=' ? upper_copy(ctx, *at, name_len) : name_of_word(*at, name_len);
  if ((*at)[name_len] == '=') *at += name_len + 1;
  bool is_type = same(name, "TYPE");
  for (;;) {
    bool in_quotes = **at == '"';
    if (in_quotes) (*at)++;
    size_t len = until(*at, in_quotes ? "\"" : ",;:");
    if (in_quotes && !(*at)[len]) return wrong(ctx, into->line, "a parameter's quotes do not end");
    // TYPE="work,voice" is two values all the same, and so is TYPE=work\,voice.
    for (size_t from = 0; from <= len;) {
      size_t one = 0;
      while (from + one < len && (!is_type || ((*at)[from + one] != ',' && (*at)[from + one] != '"'))) one++;
      size_t text = one && (*at)[from + one - 1] == '\\' ? one - 1 : one;
      if (text) {
        param *added = lg_alloc(ctx, sizeof *added);
        *added = (param){name, param_value(ctx, *at + from, text), NULL};
        **last = added;
        *last = &added->next;
      }
      from += one + 1;
    }
    *at += len + in_quotes;
    if (**at != ',') return lg_ok();
    (*at)++;
  }
}

// A name is letters, digits and hyphens; the underscore is what programs write beside.
static size_t name_length(const char *text) {
  size_t len = 0;
  for (char c; (c = upper(text[len])); len++) {
    if (!(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '-' && c != '_') break;
  }
  return len;
}

lg_result read_property(lg_ctx *ctx, const char *text, int line, property **made) {
  property *read = lg_alloc(ctx, sizeof *read);
  param **last = &read->params;
  read->line = line;
  read->name = "";
  *made = read;
  const char *at = text;
  size_t len = name_length(at);
  if (at[len] == '.') at += len + 1, len = name_length(at);
  if (!len || !at[len] || !strchr(";:", at[len])) return wrong(ctx, line, "this is no property: `NAME:value` is expected");
  read->name = upper_copy(ctx, at, len);
  at += len;
  while (*at == ';') {
    at++;
    LG_TRY(read_param(ctx, &at, read, &last));
  }
  if (*at != ':') return wrong(ctx, line, "this is no property: there is no `:` before a value");
  read->value = at + 1;
  const char *encoding = param_of(read, "ENCODING"), *charset = param_of(read, "CHARSET");
  if (encoding && same(encoding, "QUOTED-PRINTABLE")) read->value = from_quoted_printable(ctx, read->value);
  if (charset) {
    read->value = from_charset(ctx, read->value, charset);
    if (!read->value) return wrong(ctx, line, lg_format(ctx, "character set %s of %s is not known", charset, read->name));
  }
  return lg_ok();
}

const char *param_of(const property *of, const char *name) {
  for (const param *at = of->params; at; at = at->next) {
    if (same(at->name, name)) return at->value;
  }
  return NULL;
}

const char *params_of(lg_ctx *ctx, const property *of, const char *name) {
  builder all = {.ctx = ctx};
  for (const param *at = of->params; at; at = at->next) {
    if (!same(at->name, name)) continue;
    if (all.len) add(&all, ",");
    add(&all, at->value);
  }
  return all.text;
}

bool has_param(const property *of, const char *name, const char *value) {
  for (const param *at = of->params; at; at = at->next) {
    if (same(at->name, name) && same(at->value, value)) return true;
  }
  return false;
}
