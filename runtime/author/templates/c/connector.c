// {{name}}: teams become roles.

#include <lockgate.h>

LG_MANIFEST("manifest.toml");

lg_result prepare_internal_object(lg_ctx *ctx, const lg_external *external, const lg_task *task) {
  const lg_json *team;
  LG_TRY(lg_json_parse(ctx, external->body, &team));
  const char *id = lg_json_string(lg_json_get(team, "id"));
  const char *title = lg_json_string(lg_json_get(team, "title"));
  if (!id || !*id) return lg_invalid(ctx, "a team needs an id", "id");

  lg_object *role = lg_object_new(ctx, "cms.role", lg_format(ctx, "team-%s", id));
  // A delete names the object and no more.
  if (task->task_type == LG_DELETE_OBJECT) return lg_object_answer(role);
  if (!title) return lg_invalid(ctx, "a team needs a title", "title");
  role->display_name = title;
  lg_set(role, "description", lg_text(lg_json_string(lg_json_get(team, "note"))));
  lg_log(LG_INFO, "team %s", id);
  return lg_object_answer(role);
}
