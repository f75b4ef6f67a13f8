// That the headers are C++ too: a connector, compiled and not linked.

#include <lockgate.h>
#include <lockgate_http.h>
#include <lockgate_json.h>
#include <lockgate_test.h>

// Found by -I.
LG_MANIFEST("lockgate.h");

static_assert(LG_VERSION_MAJOR == 0 && sizeof(LG_VERSION) > 1, "a version");

lg_result prepare_internal_object(lg_ctx *ctx, const lg_external *external, const lg_task *task) {
  const lg_json *team;
  LG_TRY(lg_json_parse(ctx, external->body, &team));
  if (task->task_type == LG_ARCHIVE_DOCUMENT) ::abort();
  lg_object *role = lg_object_new(ctx, "cms.role", "a");
  lg_set(role, "rank", lg_integer(1));
  LG_ASSERT(lg_get(role, "rank") != nullptr);
  return lg_object_answer(role);
}
