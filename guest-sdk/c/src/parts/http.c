// Calls to the external application: what is the same in a component and in tests.

#include <string.h>

#include "internal.h"

lg_result (*lg_http_answer)(lg_ctx *ctx, const lg_http_request *request, lg_http_response *response);

typedef struct {
  bool https;
  const char *authority, *path;  // the path with its query
} url;

// Bytes that no URL has: they would end it, or begin a header.
static bool has_odd_byte(const char *text) {
  for (; *text; text++) {
    if ((uint8_t)*text <= ' ' || (uint8_t)*text >= 0x7f) return true;
  }
  return false;
}

static bool read_url(lg_ctx *ctx, const char *text, url *into) {
  if (!text || has_odd_byte(text)) return false;
  into->https = !strncmp(text, "https://", 8);
  if (!into->https && strncmp(text, "http://", 7) != 0) return false;
  const char *authority = text + (into->https ? 8 : 7), *end = authority;
  while (*end && *end != '/' && *end != '?' && *end != '#') {
    if (*end == '@' || *end == '\\') return false;
    end++;
  }
  if (end == authority || *authority == ':') return false;
  into->authority = lg_copy_n(ctx, authority, (size_t)(end - authority));
  const char *fragment = strchr(end, '#');
  const char *path = lg_copy_n(ctx, end, fragment ? (size_t)(fragment - end) : strlen(end));
  into->path = *path == '/' ? path : lg_format(ctx, "/%s", path);
  return true;
}

static size_t bytes_max(const lg_http_request *request) {
  return request->response_bytes_max ? request->response_bytes_max : LG_HTTP_RESPONSE_BYTES_MAX;
}

static lg_result too_large(lg_ctx *ctx, const lg_http_request *request) {
  return lg_internal(ctx, lg_format(ctx, "the answer is longer than %zu bytes", bytes_max(request)), NULL);
}

static const lg_http_header no_headers[1];

#ifdef __wasm__
static lg_result call(lg_ctx *ctx, const lg_http_request *request, const url *to, lg_http_response *response);
#else
static const lg_http_header *copied(lg_ctx *ctx, const lg_http_header *headers) {
  size_t count = 0;
  while (headers && headers[count].name) count++;
  lg_http_header *copy = lg_alloc(ctx, (count + 1) * sizeof *copy);
  for (size_t i = 0; i < count; i++) copy[i] = (lg_http_header){lg_copy(ctx, headers[i].name), lg_copy(ctx, headers[i].value)};
  return copy;
}

static lg_result call(lg_ctx *ctx, const lg_http_request *request, const url *to, lg_http_response *response) {
  (void)to;
  if (!lg_http_answer) return lg_internal(ctx, "in tests lg_test_calls says what the external application answers", NULL);
  LG_TRY(lg_http_answer(ctx, request, response));
  if (response->body.len > bytes_max(request)) return too_large(ctx, request);
  response->body.ptr = (const uint8_t *)lg_copy_n(ctx, (const char *)response->body.ptr, response->body.len);
  response->headers = copied(ctx, response->headers);
  return lg_ok();
}
#endif

lg_result lg_http_send(lg_ctx *ctx, const lg_http_request *request, lg_http_response *response) {
  *response = (lg_http_response){.headers = no_headers};
  url to;
  if (!read_url(ctx, request->url, &to)) {
    return lg_internal(ctx, lg_format(ctx, "no URL that can be called: \"%s\"", request->url ? request->url : ""), NULL);
  }
  return call(ctx, request, &to, response);
}

// ---- what a status means ----

static bool same_name(const char *one, const char *other) {
  for (; *one && *other; one++, other++) {
    char a = *one >= 'A' && *one <= 'Z' ? (char)(*one | 0x20) : *one, b = *other >= 'A' && *other <= 'Z' ? (char)(*other | 0x20) : *other;
    if (a != b) return false;
  }
  return *one == *other;
}

const char *lg_http_header_of(const lg_http_response *response, const char *name) {
  for (const lg_http_header *header = response->headers; header && header->name; header++) {
    if (same_name(header->name, name)) return header->value;
  }
  return NULL;
}

// The delay of a retry-after in seconds, at most some weeks; a date, or none, says nothing.
static uint32_t retry_after_ms(const lg_http_response *response) {
  const char *text = lg_http_header_of(response, "retry-after");
  uint32_t seconds = 0;
  if (!text || !*text) return 0;
  for (; *text; text++) {
    if (*text < '0' || *text > '9') return 0;
    seconds = seconds * 10 + (uint32_t)(*text - '0');
    if (seconds > UINT32_MAX / 1000 / 16) return 0;
  }
  return seconds * 1000;
}

lg_result lg_http_check(lg_ctx *ctx, const lg_http_response *response) {
  int status = response->status;
  if (status >= 200 && status <= 299) return lg_ok();
  const char *said = lg_format(ctx, "the external application answered %d", status);
  if (status == 401 || status == 403) return lg_internal(ctx, lg_format(ctx, "%s: it does not accept the credentials", said), NULL);
  if (status == 404 || status == 410) return lg_not_found(ctx, said, NULL);
  if (status == 408 || status == 425 || status == 429 || (status >= 500 && status <= 599)) {
    return lg_unavailable(ctx, said, retry_after_ms(response));
  }
  return lg_internal(ctx, said, NULL);
}

// ---- what requests are made of ----

const char *lg_http_bearer(lg_ctx *ctx, const char *token) { return lg_format(ctx, "Bearer %s", token); }

const char *lg_http_basic(lg_ctx *ctx, const char *user, const char *password) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const char *plain = lg_format(ctx, "%s:%s", user, password);
  size_t len = strlen(plain);
  char *made = lg_alloc(ctx, 6 + (len + 2) / 3 * 4 + 1), *at = made + 6;
  memcpy(made, "Basic ", sizeof "Basic ");
  for (size_t i = 0; i < len; i += 3) {
    uint32_t three = 0;
    for (size_t j = 0; j < 3; j++) three = three << 8 | (i + j < len ? (uint8_t)plain[i + j] : 0);
    for (size_t j = 0; j < 4; j++) *at++ = i + j <= len ? digits[three >> (18 - 6 * j) & 63] : '=';
  }
  return made;
}

const char *lg_url_escape(lg_ctx *ctx, const char *text) {
  char *made = lg_alloc(ctx, 3 * strlen(text) + 1), *at = made;
  for (; *text; text++) {
    uint8_t c = (uint8_t)*text, low = c | 0x20;
    if ((low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || strchr("-._~", c)) *at++ = (char)c;
    else *at++ = '%', *at++ = "0123456789ABCDEF"[c >> 4], *at++ = "0123456789ABCDEF"[c & 15];
  }
  return made;
}
