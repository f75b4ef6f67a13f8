// Values: character sets, escapes, structured values, times.

#include <string.h>

#include "vcard.h"

// Windows-1252 where it differs from ISO 8859-1; programs that say the one often mean the other.
static const uint16_t windows[32] = {0x20ac, '?',    0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
                                     0x2039, 0x0152, '?',    0x017d, '?',    '?',    0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
                                     0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, '?',    0x017e, 0x0178};

static const char *from_latin(lg_ctx *ctx, lg_bytes bytes) {
  char *text = lg_alloc(ctx, 3 * bytes.len + 1), *to = text;
  for (size_t i = 0; i < bytes.len; i++) {
    uint32_t point = bytes.ptr[i];
    if (point >= 0x80 && point < 0xa0) point = windows[point - 0x80];
    if (point >= 0x800)
      *to++ = (char)(0xe0 | point >> 12), *to++ = (char)(0x80 | (point >> 6 & 0x3f)), *to++ = (char)(0x80 | (point & 0x3f));
    else if (point >= 0x80) *to++ = (char)(0xc0 | point >> 6), *to++ = (char)(0x80 | (point & 0x3f));
    else *to++ = (char)point;
  }
  return text;
}

// What a media type says behind `charset=`, if anything.
static const char *charset_of(lg_ctx *ctx, const char *media_type) {
  static const char key[] = "charset=";
  for (const char *at = media_type; *at; at++) {
    if (!starts(at, key)) continue;
    at += sizeof key - 1;
    if (*at == '"') at++;
    return lg_copy_n(ctx, at, strcspn(at, "\"; "));
  }
  return NULL;
}

lg_result decode(lg_ctx *ctx, const lg_external *external, const char **text) {
  const char *body = (const char *)external->body.ptr;
  size_t len = external->body.len;
  if (memchr(body, 0, len)) return lg_invalid(ctx, "the card has a NUL byte; it is UTF-16, or no text", NULL);
  const char *charset = charset_of(ctx, external->media_type);
  if (charset && (same(charset, "iso-8859-1") || same(charset, "windows-1252"))) {
    *text = from_latin(ctx, external->body);
    return lg_ok();
  }
  if (charset && !same(charset, "utf-8") && !same(charset, "us-ascii")) {
    return lg_invalid(ctx, lg_format(ctx, "character set %s is not known; UTF-8, ISO-8859-1 and Windows-1252 are", charset), NULL);
  }
  *text = starts(body, "\xef\xbb\xbf") ? body + 3 : body;
  return lg_ok();
}

const char *unescape(lg_ctx *ctx, const char *value) {
  if (!value || !value[strspn(value, " \t")]) return NULL;
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

const char *quoted(lg_ctx *ctx, const char *text) {
  // An escape is six bytes at most.
  char *made = lg_alloc(ctx, 6 * strlen(text) + 3), *to = made;
  *to++ = '"';
  for (; *text; text++) {
    if ((uint8_t)*text < 0x20) to = strcpy(to, lg_format(ctx, "\\u%04x", *text)) + 6;
    else {
      if (*text == '"' || *text == '\\') *to++ = '\\';
      *to++ = *text;
    }
  }
  *to++ = '"';
  return made;
}
