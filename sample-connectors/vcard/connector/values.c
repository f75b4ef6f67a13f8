// Values: escapes, structured values, times.

#include <string.h>

#include "vcard.h"

const char *unescape(lg_ctx *ctx, const char *value) {
  const char *first = value;
  while (first && (*first == ' ' || *first == '\t')) first++;
  if (!first || !*first) return NULL;
  char *text = lg_alloc(ctx, strlen(value) + 1), *to = text;
  for (const char *from = value; *from; from++) {
    if (*from == '\\' && from[1]) {
      from++;
      *to++ = *from == 'n' || *from == 'N' ? '\n' : *from;
    } else {
      *to++ = *from;
    }
  }
  return text;
}

const char **split(lg_ctx *ctx, const char *value, char separator) {
  size_t count = 1;
  for (const char *at = value; *at; at++) count += *at == separator;
  const char **parts = lg_alloc(ctx, (count + 1) * sizeof *parts), *from = value;
  size_t made = 0;
  for (const char *at = value;; at++) {
    if (*at == '\\' && at[1]) {
      at++;
    } else if (!*at || *at == separator) {
      parts[made++] = lg_copy_n(ctx, from, (size_t)(at - from));
      from = at + 1;
    }
    if (!*at) return parts;
  }
}

const char *component(lg_ctx *ctx, const char *value, int index) {
  const char **parts = split(ctx, value, ';');
  for (int i = 0; i < index && *parts; i++) parts++;
  return unescape(ctx, *parts);
}

// Digits of a fixed number, with or without `mark` before them.
static bool digits(const char **at, char mark, int count, char *to) {
  if (mark && **at == mark) (*at)++;
  for (int i = 0; i < count; i++, (*at)++) {
    if (**at < '0' || **at > '9') return false;
    to[i] = **at;
  }
  return true;
}

const char *timestamp(lg_ctx *ctx, const char *value) {
  char made[] = "0000-00-00T00:00:00", *offset = "Z";
  const char *at = value;
  if (!digits(&at, 0, 4, made) || !digits(&at, '-', 2, made + 5) || !digits(&at, '-', 2, made + 8)) return NULL;
  if (*at == 'T') {
    at++;
    if (!digits(&at, 0, 2, made + 11) || !digits(&at, ':', 2, made + 14) || !digits(&at, ':', 2, made + 17)) return NULL;
    if (*at == '.' || *at == ',') at += 1 + strspn(at + 1, "0123456789");
    if (*at == '+' || *at == '-') {
      offset = lg_copy(ctx, "+00:00");
      offset[0] = *at++;
      if (!digits(&at, 0, 2, offset + 1)) return NULL;
      if (*at && !digits(&at, ':', 2, offset + 4)) return NULL;
    } else if (*at == 'Z') {
      at++;
    }
  }
  return *at ? NULL : lg_format(ctx, "%s%s", made, offset);
}

const char *plain(lg_ctx *ctx, const char *value) {
  if (starts(value, "tel:")) return value + 4;
  if (starts(value, "mailto:")) return value + 7;
  // Ida Weber <ida@garden.example>
  const char *open = strrchr(value, '<'), *close = open ? strchr(open, '>') : NULL;
  return close && !close[1] && memchr(open, '@', (size_t)(close - open)) ? lg_copy_n(ctx, open + 1, (size_t)(close - open - 1)) : value;
}
