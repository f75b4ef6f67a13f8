// Says everything that contract 1.1 added: guest-sdk/said has what is to come of it in every language.

#include <lockgate.h>
#include <string.h>

LG_MANIFEST("manifest.toml");

static lg_value references(lg_ctx *ctx, const lg_json *list) {
  const char **ids = lg_alloc(ctx, (lg_json_count(list) + 1) * sizeof *ids);
  size_t count = 0;
  for (const lg_json *item = lg_json_items(list); item; item = item->next) ids[count++] = lg_json_as_text(item);
  return lg_references(ids, count);
}

lg_result prepare_internal_object(lg_ctx *ctx, const lg_external *external, const lg_task *task) {
  (void)task;
  const lg_json *team;
  LG_TRY(lg_json_parse(ctx, external->body, &team));
  const char *id = lg_json_as_text(lg_json_get(team, "id"));
  if (!id) return lg_invalid(ctx, "a team needs an id", "id");
  if (!lg_task_title(ctx)) lg_warn(ctx, "id", "the task has no title");
  if (lg_task_file_name(ctx)) lg_log(LG_INFO, "from %s", lg_task_file_name(ctx));
  lg_object *role = lg_object_new(ctx, "cms.role", lg_format(ctx, "team-%s", id));
  const char *owner = lg_json_as_text(lg_json_get(team, "owner"));
  if (owner) lg_set(role, "owner", lg_reference(owner));
  const lg_json *tags = lg_json_get(team, "tags"), *members = lg_json_get(team, "members");
  if (tags) lg_set(role, "tags", references(ctx, tags));
  if (members) lg_children_none(role, "cms.userrole");
  for (const lg_json *member = lg_json_items(members); member; member = member->next) {
    lg_binding_new(role, "cms.userrole", "user", lg_json_as_text(lg_json_get(member, "user")));
  }
  return lg_object_answer(role);
}

lg_result get_internal_object_params(lg_ctx *ctx, const char *id, const char *object_type) {
  (void)object_type;
  lg_warn(ctx, NULL, "%s is known by its GUID", id);
  static const char zeros[] = "000000000000";
  size_t len = strlen(id) < 12 ? strlen(id) : 12;
  return lg_found_object(ctx, (lg_object_params){.guid = lg_format(ctx, "018f0000-0000-7000-8000-%s%s", zeros + len, id)});
}
