// The host's side, for tests on the machine that a connector is written on. See lockgate_test.h.

#include "lockgate_test.h"

#include <stdio.h>
#include <string.h>

#include "../src/parts/internal.h"

enum { NAMED_MAX = 64, LOGGED_BYTES_MAX = 64 * 1024 };

typedef struct {
  char *name, *value;
  size_t len;
} entry;

static entry settings[NAMED_MAX], secrets[NAMED_MAX], state[NAMED_MAX];
static bool state_granted = true;
static double now_ms = 1764547200000.0;
static char logged[LOGGED_BYTES_MAX], warned[LOGGED_BYTES_MAX], by_guid[64];
static const char *task_title, *task_file_name, *task_site;
static int checks, failures;

static char *lasting(const void *bytes, size_t len) {
  char *copy = lg_keep(len + 1);
  if (len) memcpy(copy, bytes, len);
  return copy;
}

static entry *found(entry *in, const char *name, size_t len) {
  for (entry *at = in; at < in + NAMED_MAX; at++) {
    if (at->name && strlen(at->name) == len && !memcmp(at->name, name, len)) return at;
  }
  return NULL;
}

static void put(entry *in, const char *name, size_t name_len, const void *value, size_t len) {
  entry *at = found(in, name, name_len);
  for (entry *empty = in; !at && empty < in + NAMED_MAX; empty++) {
    if (!empty->name) at = empty;
  }
  if (!at) lg_panic("a test sets at most %d of a kind", NAMED_MAX);
  *at = value ? (entry){lasting(name, name_len), lasting(value, len), len} : (entry){0};
}

static bool get(entry *in, const connector_string_t *name, connector_string_t *ret) {
  const entry *at = found(in, (const char *)name->ptr, name->len);
  if (at) *ret = (connector_string_t){(uint8_t *)at->value, at->len};
  return at;
}

// ---- what the library imports ----

void lockgate_connector_log_log(lockgate_connector_log_level_t level, connector_string_t *message) {
  static const char *const levels[] = {"trace", "debug", "info", "warn", "error"};
  size_t at = strlen(logged);
  snprintf(logged + at, sizeof logged - at, "%s: %.*s\n", levels[level], (int)message->len, (const char *)message->ptr);
  // A panic says so and traps: nobody would see it.
  if (level == LG_ERROR) fprintf(stderr, "%.*s\n", (int)message->len, (const char *)message->ptr);
}

void lockgate_connector_children_none(connector_string_t *object_type) { (void)object_type; }

void lockgate_connector_identity_by_guid(connector_string_t *guid) {
  snprintf(by_guid, sizeof by_guid, "%.*s", (int)guid->len, (const char *)guid->ptr);
}

void lockgate_connector_warnings_warn(connector_string_t *message, connector_string_t *path) {
  size_t at = strlen(warned);
  snprintf(warned + at, sizeof warned - at, "%.*s%s%.*s\n", path ? (int)path->len : 0, path ? (const char *)path->ptr : "",
           path ? ": " : "", (int)message->len, (const char *)message->ptr);
}

static bool known(const char *text, connector_string_t *ret) {
  if (text) *ret = lg_view(text);
  return text;
}

bool lockgate_connector_task_title(connector_string_t *ret) { return known(task_title, ret); }
bool lockgate_connector_task_file_name(connector_string_t *ret) { return known(task_file_name, ret); }
bool lockgate_connector_task_site(connector_string_t *ret) { return known(task_site, ret); }

double lockgate_connector_clock_now_ms(void) { return now_ms; }

// As the host: at most 4,096 bytes a call. The same each time, so that a test can be repeated.
void lockgate_connector_random_bytes(uint32_t len, connector_list_u8_t *ret) {
  static uint32_t seed = 1;
  ret->len = len < 4096 ? len : 4096;
  ret->ptr = lg_arena_take(&lg_current.arena, NULL, 0, 1, ret->len);
  for (size_t i = 0; i < ret->len; i++) ret->ptr[i] = (uint8_t)((seed = seed * 1103515245 + 12345) >> 16);
}

bool lockgate_connector_settings_get(connector_string_t *key, connector_string_t *ret) { return get(settings, key, ret); }
bool lockgate_connector_secrets_get(connector_string_t *name, connector_string_t *ret) { return get(secrets, name, ret); }

bool lockgate_connector_state_get(connector_string_t *key, connector_list_u8_t *ret) {
  connector_string_t value;
  if (!state_granted || !get(state, key, &value)) return false;
  *ret = (connector_list_u8_t){value.ptr, value.len};
  return true;
}

static bool may_write(const connector_string_t *key, lockgate_connector_state_state_error_t *err) {
  if (!state_granted) err->tag = LOCKGATE_CONNECTOR_STATE_STATE_ERROR_DENIED;
  else if (!key->len || key->len > 256) err->tag = LOCKGATE_CONNECTOR_STATE_STATE_ERROR_INVALID_KEY;
  else return true;
  return false;
}

bool lockgate_connector_state_set(connector_string_t *key, connector_list_u8_t *value, lockgate_connector_state_state_error_t *err) {
  if (!may_write(key, err)) return false;
  put(state, (const char *)key->ptr, key->len, value->len ? (const void *)value->ptr : "", value->len);
  return true;
}

bool lockgate_connector_state_delete(connector_string_t *key, lockgate_connector_state_state_error_t *err) {
  if (!may_write(key, err)) return false;
  if (found(state, (const char *)key->ptr, key->len)) put(state, (const char *)key->ptr, key->len, NULL, 0);
  return true;
}

void lockgate_connector_state_keys(connector_string_t *prefix, connector_list_string_t *ret) {
  const entry *sorted[NAMED_MAX];
  size_t len = 0;
  for (const entry *at = state; state_granted && at < state + NAMED_MAX; at++) {
    if (!at->name || strncmp(at->name, (const char *)prefix->ptr, prefix->len) != 0) continue;
    size_t place = len++;
    for (; place && strcmp(sorted[place - 1]->name, at->name) > 0; place--) sorted[place] = sorted[place - 1];
    sorted[place] = at;
  }
  ret->ptr = lg_alloc(&lg_current, (len + 1) * sizeof *ret->ptr);
  ret->len = len;
  for (size_t i = 0; i < len; i++) ret->ptr[i] = lg_view(sorted[i]->name);
}

// ---- calls of the methods ----

static void begin(void) {
  lg_arena_reset(&lg_current.arena);
  logged[0] = warned[0] = by_guid[0] = 0;
}

static const char *text_of(connector_string_t text) { return lg_copy_n(&lg_current, (const char *)text.ptr, text.len); }

static lg_test_answer failed(const lg_error *error) {
  static const char *const kinds[] = {"invalid", "not-found", "unavailable", "unsupported", "internal"};
  lg_test_answer made = {.error = kinds[error->tag], .message = text_of(error->val.invalid.message)};
  if (error->tag == LOCKGATE_CONNECTOR_TYPES_CONNECTOR_ERROR_UNAVAILABLE) {
    made.retry_after_ms = error->val.unavailable.retry_after_ms.is_some ? error->val.unavailable.retry_after_ms.val : 0;
  } else if (error->val.invalid.path.is_some) {
    made.path = text_of(error->val.invalid.path.val);
  }
  return made;
}

lg_test_answer lg_test_prepare_external(const lg_external *external, const lg_task *given) {
  begin();
  lg_task task = given ? *given : (lg_task){.data_type = LG_SNAPSHOT};
  exports_lockgate_connector_translator_external_object_t handed = {
      {(uint8_t *)lg_copy(&lg_current, external->media_type), external->media_type ? strlen(external->media_type) : 0},
      {(uint8_t *)lg_copy_n(&lg_current, (const char *)external->body.ptr, external->body.len), external->body.len}};
  connector_string_t site = lg_view(lg_copy(&lg_current, task.site_name));
  exports_lockgate_connector_translator_prepared_t prepared;
  lg_error error;
  if (!exports_lockgate_connector_translator_prepare_internal_object(&handed, (uint8_t)task.task_type, (uint8_t)task.data_type,
                                                                     task.site_name ? &site : NULL, &prepared, &error)) {
    return failed(&error);
  }
  if (prepared.tag == LOCKGATE_CONNECTOR_TYPES_PREPARED_SKIP) return (lg_test_answer){.skipped = text_of(prepared.val.skip)};
  if (prepared.tag == LOCKGATE_CONNECTOR_TYPES_PREPARED_PAGE) return (lg_test_answer){.page = lg_current.answered};
  return (lg_test_answer){.object = lg_current.answered};
}

lg_test_answer lg_test_prepare(const char *body, const lg_task *task) {
  lg_external external = {"application/json", {(const uint8_t *)body, strlen(body)}};
  return lg_test_prepare_external(&external, task);
}

static const char *option_of(connector_option_string_t text) { return text.is_some ? text_of(text.val) : NULL; }

lg_test_answer lg_test_object_params(const char *id, const char *object_type) {
  begin();
  connector_string_t asked = lg_view(lg_copy(&lg_current, id)), of = lg_view(lg_copy(&lg_current, object_type));
  exports_lockgate_connector_translator_object_params_t params;
  lg_error error;
  if (!exports_lockgate_connector_translator_get_internal_object_params(&asked, &of, &params, &error)) return failed(&error);
  lg_object_params *made = lg_alloc(&lg_current, sizeof *made);
  *made = (lg_object_params){.code_name = text_of(params.code_name),
                             .guid = by_guid[0] ? by_guid : NULL,
                             .site = option_of(params.site),
                             .parent = option_of(params.parent),
                             .group = option_of(params.group)};
  return (lg_test_answer){.object_params = made};
}

lg_test_answer lg_test_document_params(const char *id, const char *class_name) {
  begin();
  connector_string_t asked = lg_view(lg_copy(&lg_current, id)), of = lg_view(lg_copy(&lg_current, class_name));
  exports_lockgate_connector_translator_document_params_t params;
  lg_error error;
  if (!exports_lockgate_connector_translator_get_internal_document_params(&asked, &of, &params, &error)) return failed(&error);
  lg_document_params *made = lg_alloc(&lg_current, sizeof *made);
  *made = (lg_document_params){text_of(params.node_guid), text_of(params.culture), text_of(params.site)};
  return (lg_test_answer){.document_params = made};
}

// ---- what a test sets ----

static void set(entry *in, const char *name, const char *value) { put(in, name, strlen(name), value, value ? strlen(value) : 0); }

void lg_test_setting(const char *key, const char *value) { set(settings, key, value); }
void lg_test_secret(const char *name, const char *placeholder) { set(secrets, name, placeholder); }
void lg_test_task(const char *title, const char *file_name, const char *site) {
  task_title = title, task_file_name = file_name, task_site = site;
}
const char *lg_test_warned(void) { return warned; }
void lg_test_now_ms(uint64_t now) { now_ms = (double)now; }
void lg_test_calls(lg_result (*answer)(lg_ctx *, const lg_http_request *, lg_http_response *)) { lg_http_answer = answer; }
const char *lg_test_logged(void) { return logged; }

void lg_test_state(bool granted) {
  state_granted = granted;
  memset(state, 0, sizeof state);
}

void lg_test_check(int holds, const char *condition, const char *file, int line) {
  checks++;
  if (holds) return;
  failures++;
  printf("%s:%d: %s\n", file, line, condition);
}

int lg_test_end(void) {
  if (failures) printf("%d of %d checks failed\n", failures, checks);
  else printf("ok, %d checks\n", checks);
  return failures != 0;
}
