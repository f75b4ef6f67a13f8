// Test a connector on the machine that it is written on, with stand-ins for the host:
//
//   cc -std=c11 -I"$SDK/include" "$SDK/src/lockgate.c" "$SDK/test/lockgate_test.c" connector.c connector_test.c -o tests && ./tests
//
//   int main(void) {
//     lg_test_answer made = lg_test_prepare("{\"id\": 7, \"title\": \"Editors\"}", NULL);
//     LG_CHECK(made.object && !strcmp(made.object->code_name, "team-7"));
//     LG_CHECK(!strcmp(lg_test_prepare("{}", NULL).error, "invalid"));
//     return lg_test_end();
//   }
//
// With -fsanitize=address,undefined a test finds what WebAssembly does not notice.
#ifndef LOCKGATE_TEST_H
#define LOCKGATE_TEST_H

#include "lockgate.h"
#include "lockgate_http.h"

#ifdef __cplusplus
extern "C" {
#endif

// Counts and prints what does not hold; lg_test_end says how many did not.
#define LG_CHECK(condition) lg_test_check((condition) ? 1 : 0, #condition, __FILE__, __LINE__)
void lg_test_check(int holds, const char *condition, const char *file, int line);
// What main returns: 0, or 1 if a check failed.
int lg_test_end(void);

// What a method answered. Lasts until the next call of lg_test_….
typedef struct {
  const lg_object *object;  // lg_get looks into it; children begin at object->first
  const lg_page *page;
  const char *skipped;  // the reason
  const lg_object_params *object_params;
  const lg_document_params *document_params;
  const char *error;  // "invalid", "not-found", "unavailable", "unsupported", "internal"; NULL: none
  const char *message, *path;
  uint32_t retry_after_ms;
} lg_test_answer;

// Of JSON. `task` NULL: create-object, with children and bindings, of no site.
lg_test_answer lg_test_prepare(const char *body, const lg_task *task);
lg_test_answer lg_test_prepare_external(const lg_external *external, const lg_task *task);
lg_test_answer lg_test_object_params(const char *id, const char *object_type);
lg_test_answer lg_test_document_params(const char *id, const char *class_name);

// What the operator set. NULL: nothing.
void lg_test_setting(const char *key, const char *value);
void lg_test_secret(const char *name, const char *placeholder);
// Whether the state is granted; it is empty then.
void lg_test_state(bool granted);
// What is known of the task. NULL: not known.
void lg_test_task(const char *title, const char *file_name, const char *site);
void lg_test_now_ms(uint64_t now_ms);
// Plays the external application for lg_http_send. What `headers` and `body` of the response point to is copied.
void lg_test_calls(lg_result (*answer)(lg_ctx *ctx, const lg_http_request *request, lg_http_response *response));
// What was warned of since the last call of a method: "items[3].price: rounded to 7.50\n".
const char *lg_test_warned(void);
// Lines of the log since the last call of a method: "info: 2 members\n".
const char *lg_test_logged(void);

#ifdef __cplusplus
}
#endif
#endif
