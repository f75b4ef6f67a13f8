// Texts: a small printf without floating point, a third of the size of libc's, and UTF-8.

#include <string.h>

#include "internal.h"

typedef struct {
  char *out;
  size_t size, len;
} sink;

static void sink_put(sink *to, const char *text, size_t len) {
  for (size_t i = 0; i < len; i++, to->len++) {
    if (to->len + 1 < to->size) to->out[to->len] = text[i];
  }
}

static void fill(sink *to, char with, size_t len, int width) {
  for (size_t i = len; width > 0 && i < (size_t)width; i++) sink_put(to, &with, 1);
}

static size_t digits(char *end, uint64_t number, unsigned base, char ten) {
  char *at = end;
  do {
    unsigned digit = number % base;
    *--at = (char)(digit < 10 ? '0' + digit : ten + (digit - 10));
    number /= base;
  } while (number);
  return (size_t)(end - at);
}

static int format_number(const char **format, va_list *arguments) {
  if (**format == '*') {
    (*format)++;
    return va_arg(*arguments, int);
  }
  int value = 0;
  while (**format >= '0' && **format <= '9') value = value * 10 + (*(*format)++ - '0');
  return value;
}

// How many times `l` an integer argument has, or -1 for the size of a pointer.
static int format_length(const char **format) {
  int longs = 0;
  for (;; (*format)++) {
    if (**format == 'l') longs++;
    else if (**format == 'j') longs = 2;
    else if (**format == 'z' || **format == 't') longs = -1;
    else if (**format != 'h') return longs;
  }
}

static void put_integer(sink *to, uint64_t magnitude, bool negative, char kind, int width, bool zeros) {
  char buffer[24];
  char *end = buffer + sizeof buffer;
  size_t len = digits(end, magnitude, kind == 'x' || kind == 'X' ? 16 : 10, kind == 'X' ? 'A' : 'a');
  if (!zeros) fill(to, ' ', len + negative, width);
  if (negative) sink_put(to, "-", 1);
  if (zeros) fill(to, '0', len + negative, width);
  sink_put(to, end - len, len);
}

static void put_argument(sink *to, const char **format, va_list *arguments) {
  bool zeros = **format == '0';
  int width = format_number(format, arguments), precision = -1;
  if (**format == '.') {
    (*format)++;
    precision = format_number(format, arguments);
  }
  int longs = format_length(format);
  char kind = *(*format)++;
  switch (kind) {
    case 's': {
      const char *text = va_arg(*arguments, const char *);
      if (!text) text = "(null)";
      // A text with a precision need not end.
      const char *stop = precision < 0 ? NULL : memchr(text, 0, (size_t)precision);
      size_t len = stop ? (size_t)(stop - text) : precision < 0 ? strlen(text) : (size_t)precision;
      fill(to, ' ', len, width);
      sink_put(to, text, len);
      return;
    }
    case 'c': {
      char one = (char)va_arg(*arguments, int);
      sink_put(to, &one, 1);
      return;
    }
    case 'd':
    case 'i': {
      int64_t value = longs == 2   ? va_arg(*arguments, long long)
                      : longs == 1 ? va_arg(*arguments, long)
                      : longs      ? (int64_t)va_arg(*arguments, ptrdiff_t)
                                   : va_arg(*arguments, int);
      put_integer(to, value < 0 ? -(uint64_t)value : (uint64_t)value, value < 0, kind, width, zeros);
      return;
    }
    case 'u':
    case 'x':
    case 'X': {
      uint64_t value = longs == 2   ? va_arg(*arguments, unsigned long long)
                       : longs == 1 ? va_arg(*arguments, unsigned long)
                       : longs      ? va_arg(*arguments, size_t)
                                    : va_arg(*arguments, unsigned);
      put_integer(to, value, false, kind, width, zeros);
      return;
    }
    case '%': sink_put(to, "%", 1); return;
    // After one that is not known the arguments cannot be told apart.
    default: lg_panic("%%%c is not a format that lg_format knows; use snprintf", kind ? kind : '?');
  }
}

size_t lg_write(char *out, size_t size, const char *format, va_list given) {
  sink to = {out, size, 0};
  va_list arguments;
  va_copy(arguments, given);
  while (*format) {
    if (*format != '%') sink_put(&to, format++, 1);
    else {
      format++;
      put_argument(&to, &format, &arguments);
    }
  }
  va_end(arguments);
  if (size) out[to.len < size ? to.len : size - 1] = 0;
  return to.len;
}

char *lg_format(lg_ctx *ctx, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  size_t size = lg_write(NULL, 0, format, arguments) + 1;
  char *text = lg_arena_take(&ctx->arena, NULL, 0, 1, size);
  lg_write(text, size, format, arguments);
  va_end(arguments);
  return text;
}

bool lg_is_utf8(const char *text, size_t len) {
  const uint8_t *at = (const uint8_t *)text, *end = at + len;
  while (at < end) {
    uint8_t lead = *at++;
    if (lead < 0x80) continue;
    size_t more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    if (lead < 0xc2 || lead > 0xf4 || (size_t)(end - at) < more) return false;
    // Overlong forms, surrogates and what is past the last code point show in the second byte.
    uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80, high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (*at < low || *at > high) return false;
    for (size_t i = 1; i < more; i++) {
      if ((at[i] & 0xc0) != 0x80) return false;
    }
    at += more;
  }
  return true;
}

void lg_force_utf8(char *text, size_t len) {
  if (lg_is_utf8(text, len)) return;
  for (size_t i = 0; i < len; i++) {
    if ((uint8_t)text[i] >= 0x80) text[i] = '?';
  }
}
