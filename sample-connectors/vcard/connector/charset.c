// From bytes to text: character sets and quoted-printable.

#include <string.h>

#include "vcard.h"

// Windows-1252 where it differs from ISO 8859-1; programs that say the one often mean the other.
static const uint16_t windows[32] = {0x20ac, '?',    0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
                                     0x2039, 0x0152, '?',    0x017d, '?',    '?',    0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
                                     0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, '?',    0x017e, 0x0178};

static char *utf8(char *to, uint32_t point) {
  if (point >= 0x10000) *to++ = (char)(0xf0 | point >> 18), *to++ = (char)(0x80 | (point >> 12 & 0x3f));
  else if (point >= 0x800) *to++ = (char)(0xe0 | point >> 12);
  if (point >= 0x800) *to++ = (char)(0x80 | (point >> 6 & 0x3f)), *to++ = (char)(0x80 | (point & 0x3f));
  else if (point >= 0x80) *to++ = (char)(0xc0 | point >> 6), *to++ = (char)(0x80 | (point & 0x3f));
  else *to++ = (char)point;
  return to;
}

static const char *from_latin(lg_ctx *ctx, const uint8_t *bytes, size_t len) {
  char *text = lg_alloc(ctx, 3 * len + 1), *to = text;
  for (size_t i = 0; i < len; i++) to = utf8(to, bytes[i] >= 0x80 && bytes[i] < 0xa0 ? windows[bytes[i] - 0x80] : bytes[i]);
  return text;
}

static const char *from_utf16(lg_ctx *ctx, const uint8_t *bytes, size_t len, bool big) {
  char *text = lg_alloc(ctx, 3 * (len / 2) + 1), *to = text;
  for (size_t i = 0; i + 1 < len; i += 2) {
    uint32_t unit = big ? (uint32_t)(bytes[i] << 8 | bytes[i + 1]) : (uint32_t)(bytes[i + 1] << 8 | bytes[i]);
    if (unit >= 0xd800 && unit < 0xdc00 && i + 3 < len) {
      uint32_t low = big ? (uint32_t)(bytes[i + 2] << 8 | bytes[i + 3]) : (uint32_t)(bytes[i + 3] << 8 | bytes[i + 2]);
      if (low >= 0xdc00 && low < 0xe000) unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), i += 2;
    }
    // Half a pair, and what ends texts in C, is no character.
    if (!unit || (unit >= 0xd800 && unit < 0xe000)) unit = 0xfffd;
    to = utf8(to, unit);
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
    return lg_copy_n(ctx, at, until(at, "\"; "));
  }
  return NULL;
}

static bool is_utf8_name(const char *charset) { return same(charset, "utf-8") || same(charset, "utf8") || same(charset, "us-ascii"); }

static bool is_latin_name(const char *charset) {
  return same(charset, "iso-8859-1") || same(charset, "latin1") || same(charset, "windows-1252") || same(charset, "cp1252");
}

lg_result decode(lg_ctx *ctx, const lg_external *external, const char **text) {
  const uint8_t *bytes = external->body.ptr;
  size_t len = external->body.len;
  const char *charset = charset_of(ctx, external->media_type);
  bool little = len >= 2 && bytes[0] == 0xff && bytes[1] == 0xfe, big = len >= 2 && bytes[0] == 0xfe && bytes[1] == 0xff;
  if (little || big) {
    *text = from_utf16(ctx, bytes + 2, len - 2, big);
    return lg_ok();
  }
  if (charset && starts(charset, "utf-16")) {
    *text = from_utf16(ctx, bytes, len, !same(charset, "utf-16le"));
    return lg_ok();
  }
  if (memchr(bytes, 0, len)) return wrong(ctx, 1, "the card has a NUL byte; it is UTF-16 without a byte order mark, or no text");
  const char *body = (const char *)bytes;
  if (starts(body, "\xef\xbb\xbf")) {
    *text = body + 3;
    return lg_ok();
  }
  if (charset && is_latin_name(charset)) {
    *text = from_latin(ctx, bytes, len);
    return lg_ok();
  }
  if (charset && !is_utf8_name(charset)) {
    return wrong(ctx, 1, lg_format(ctx, "character set %s is not known; UTF-8, UTF-16, ISO-8859-1 and Windows-1252 are", charset));
  }
  *text = body;
  return lg_ok();
}

const char *from_charset(lg_ctx *ctx, const char *value, const char *charset) {
  if (is_utf8_name(charset)) return value;
  if (!is_latin_name(charset)) return NULL;
  // Programs name a character set and write UTF-8.
  return lg_is_utf8(value, strlen(value)) ? value : from_latin(ctx, (const uint8_t *)value, strlen(value));
}

static int hexadecimal(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

const char *from_quoted_printable(lg_ctx *ctx, const char *value) {
  char *text = lg_alloc(ctx, 2 * strlen(value) + 1), *to = text;
  for (const char *from = value; *from; from++) {
    int high = *from == '=' && from[1] ? hexadecimal(from[1]) : -1, low = high >= 0 && from[2] ? hexadecimal(from[2]) : -1;
    if (low < 0) {
      *to++ = *from;
      continue;
    }
    char byte = (char)(high << 4 | low);
    from += 2;
    if (byte == '\r' || !byte) continue;
    // What was encoded is text and separates nothing.
    if (byte == ';' || byte == ',' || byte == '\\' || byte == '\n') *to++ = '\\';
    *to++ = byte == '\n' ? 'n' : byte;
  }
  return text;
}
