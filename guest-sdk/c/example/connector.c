// Teams become roles, and their members bindings.

#include <lockgate.h>
#include <string.h>

LG_MANIFEST("manifest.toml");

lg_result prepare_internal_object(lg_ctx *ctx, const lg_external *external, const lg_task *task) {
  (void)task;
  const lg_json *team;
  LG_TRY(lg_json_parse(ctx, external->body, &team));
  const char *id = lg_json_string(lg_json_get(team, "id"));
  const char *title = lg_json_string(lg_json_get(team, "title"));
  if (!id) return lg_invalid(ctx, "a team needs an id", "id");
  if (!title) return lg_invalid(ctx, "a team needs a title", "title");

  lg_object *role = lg_object_new(ctx, "cms.role", lg_format(ctx, "team-%s", id));
  role->display_name = title;
  lg_set_opt(role, "description", lg_text(lg_json_string(lg_json_get(team, "note"))));
  const lg_json *members = lg_json_get(team, "members");
  for (const lg_json *member = members ? members->items : NULL; member; member = member->next) {
    lg_binding_new(role, "cms.userrole", "user", lg_json_string(member));
  }
  lg_log(LG_INFO, "%u members", role->children);
  return lg_object_answer(role);
}

lg_result get_internal_object_params(lg_ctx *ctx, const char *id, const char *object_type) {
  if (!strcmp(object_type, "cms.user")) return lg_found_object(ctx, (lg_object_params){.code_name = id});
  return lg_unsupported(ctx, lg_format(ctx, "no references to %s", object_type), NULL);
}
