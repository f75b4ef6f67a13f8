// What the host offers: log, time, randomness, settings, secrets and state.

#include <string.h>

#include "internal.h"

enum { LINE_BYTES_MAX = 1000, RANDOM_BYTES_MAX = 4096 };

// How much of a line is kept, which is UTF-8 then: where it was too long, the cut may have gone through a character.
static size_t cut(char *line) {
  size_t len = strlen(line);
  for (size_t i = 0; i < 3 && len >= LINE_BYTES_MAX - i && !lg_is_utf8(line, len); i++) len--;
  lg_force_utf8(line, len);
  return len;
}

void lg_log(lg_level level, const char *format, ...) {
  char line[LINE_BYTES_MAX + 1];
  va_list arguments;
  va_start(arguments, format);
  lg_write(line, sizeof line, format, arguments);
  va_end(arguments);
  lg_string message = {(uint8_t *)line, cut(line)};
  lockgate_connector_log_log((uint8_t)level, &message);
}

void lg_warn(lg_ctx *ctx, const char *path, const char *format, ...) {
  char line[LINE_BYTES_MAX + 1];
  va_list arguments;
  va_start(arguments, format);
  lg_write(line, sizeof line, format, arguments);
  va_end(arguments);
  char *where = lg_copy(ctx, path);
  if (where) lg_force_utf8(where, strlen(where));
  lg_string message = {(uint8_t *)line, cut(line)}, at = lg_view(where);
  lockgate_connector_warnings_warn(&message, where ? &at : NULL);
}

static const char *known(bool is_known, lg_string text) { return is_known ? lg_text_of(text.ptr, text.len) : NULL; }

const char *lg_task_title(lg_ctx *ctx) {
  (void)ctx;
  lg_string text = {0};
  return known(lockgate_connector_task_title(&text), text);
}

const char *lg_task_file_name(lg_ctx *ctx) {
  (void)ctx;
  lg_string text = {0};
  return known(lockgate_connector_task_file_name(&text), text);
}

const char *lg_task_site(lg_ctx *ctx) {
  (void)ctx;
  lg_string text = {0};
  return known(lockgate_connector_task_site(&text), text);
}

uint64_t lg_now_ms(void) { return (uint64_t)lockgate_connector_clock_now_ms(); }

void lg_random(void *buffer, size_t len) {
  uint8_t *to = buffer;
  while (len) {
    connector_list_u8_t bytes;
    lockgate_connector_random_bytes(len < RANDOM_BYTES_MAX ? (uint32_t)len : RANDOM_BYTES_MAX, &bytes);
    if (bytes.len == 0 || bytes.len > len) lg_panic("the host gave %zu random bytes of %zu", bytes.len, len);
    memcpy(to, bytes.ptr, bytes.len);
    to += bytes.len;
    len -= bytes.len;
  }
}

const char *lg_setting(lg_ctx *ctx, const char *key) {
  (void)ctx;
  lg_string name = lg_view(key), value;
  return lockgate_connector_settings_get(&name, &value) ? lg_text_of(value.ptr, value.len) : NULL;
}

const char *lg_secret(lg_ctx *ctx, const char *name) {
  (void)ctx;
  lg_string asked = lg_view(name), value;
  return lockgate_connector_secrets_get(&asked, &value) ? lg_text_of(value.ptr, value.len) : NULL;
}

lg_bytes lg_state_get(lg_ctx *ctx, const char *key) {
  (void)ctx;
  lg_string name = lg_view(key);
  connector_list_u8_t value;
  if (!lockgate_connector_state_get(&name, &value)) return (lg_bytes){0};
  return (lg_bytes){(const uint8_t *)lg_text_of(value.ptr, value.len), value.len};
}

// The connector's fault or its operator's, and never the data's.
static lg_result stored(lg_ctx *ctx, bool done, lockgate_connector_state_state_error_t error) {
  if (done) return lg_ok();
  switch (error.tag) {
    case LOCKGATE_CONNECTOR_STATE_STATE_ERROR_DENIED:
      return lg_internal(ctx, "this connector keeps no state: its manifest does not ask for it, or the operator does not grant it", NULL);
    case LOCKGATE_CONNECTOR_STATE_STATE_ERROR_FULL:
      return lg_internal(ctx, lg_format(ctx, "the state is full: the operator grants %llu bytes", (unsigned long long)error.val.full),
                         NULL);
    default: return lg_internal(ctx, "a key of the state is empty or longer than 256 bytes", NULL);
  }
}

lg_result lg_state_set(lg_ctx *ctx, const char *key, lg_bytes value) {
  lg_string name = lg_view(key);
  connector_list_u8_t bytes = {(uint8_t *)value.ptr, value.len};
  lockgate_connector_state_state_error_t error = {0};
  return stored(ctx, lockgate_connector_state_set(&name, &bytes, &error), error);
}

lg_result lg_state_delete(lg_ctx *ctx, const char *key) {
  lg_string name = lg_view(key);
  lockgate_connector_state_state_error_t error = {0};
  return stored(ctx, lockgate_connector_state_delete(&name, &error), error);
}

const char **lg_state_keys(lg_ctx *ctx, const char *prefix) {
  lg_string asked = lg_view(prefix);
  connector_list_string_t keys;
  lockgate_connector_state_keys(&asked, &keys);
  const char **list = lg_alloc(ctx, (keys.len + 1) * sizeof *list);
  for (size_t i = 0; i < keys.len; i++) list[i] = lg_text_of(keys.ptr[i].ptr, keys.ptr[i].len);
  return list;
}
