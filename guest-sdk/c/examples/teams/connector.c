// Teams become roles, and their members bindings.

#include <lockgate.h>
#include <string.h>

LG_MANIFEST("manifest.toml");

static void set_members(lg_object *role, const lg_json *members) {
  if (!members || lg_json_is(members, LG_JSON_NULL)) return;
  if (!lg_json_is(members, LG_JSON_ARRAY)) lg_log(LG_WARN, "members: not a list, left out");
  int at = 0;
  for (const lg_json *member = lg_json_items(members); member; member = member->next, at++) {
    const char *name = lg_json_as_text(member);
    if (name && *name) lg_binding_new(role, "cms.userrole", "user", name);
    else lg_log(LG_WARN, "members[%d]: not a text, left out", at);
  }
}

lg_result prepare_internal_object(lg_ctx *ctx, const lg_external *external, const lg_task *task) {
  const lg_json *team;
  LG_TRY(lg_json_parse(ctx, external->body, &team));
  if (lg_json_is(team, LG_JSON_ARRAY)) {
    return lg_invalid(ctx, lg_format(ctx, "a task is about one team, and this has %zu", lg_json_count(team)), NULL);
  }
  int64_t id;
  if (!lg_json_as_integer(lg_json_get(team, "id"), &id)) return lg_invalid(ctx, "a team needs a number", "id");
  lg_object *role = lg_object_new(ctx, "cms.role", lg_format(ctx, "team-%lld", (long long)id));
  // A delete names the object and no more.
  if (task->task_type == LG_DELETE_OBJECT) return lg_object_answer(role);

  const char *title = lg_json_as_text(lg_json_get(team, "title"));
  if (!title || !*title) return lg_invalid(ctx, "a team needs a title", "title");
  role->display_name = title;
  // What is not stated stays as it is; null clears it.
  const lg_json *note = lg_json_get(team, "note");
  if (lg_json_as_text(note)) lg_set(role, "description", lg_text(lg_json_as_text(note)));
  else if (lg_json_is(note, LG_JSON_NULL)) lg_set(role, "description", lg_null());
  else if (note) lg_log(LG_WARN, "note: not a text, left out");
  set_members(role, lg_json_get(team, "members"));
  return lg_object_answer(role);
}

lg_result get_internal_object_params(lg_ctx *ctx, const char *id, const char *object_type) {
  if (strcmp(object_type, "cms.user") != 0) return lg_unsupported(ctx, lg_format(ctx, "no references to %s", object_type), NULL);
  char *code_name = lg_copy(ctx, id);
  for (char *at = code_name; *at; at++) {
    if (*at >= 'A' && *at <= 'Z') *at = (char)(*at - 'A' + 'a');
  }
  return lg_found_object(ctx, (lg_object_params){.code_name = code_name});
}
