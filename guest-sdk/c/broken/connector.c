// A connector that misbehaves as its payload says, to show what its author sees of it.

#include <lockgate.h>
#include <stdlib.h>
#include <string.h>

LG_MANIFEST("manifest.toml");

typedef struct {
  const char *name;
  int rank;
} member;

static const member members[] = {{"anna", 1}, {"bert", 2}};

static const member *find(const char *name) {
  for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
    if (!strcmp(members[i].name, name)) return &members[i];
  }
  return NULL;
}

static int share(int of, int among) { return of / among; }

static void wait_for(volatile bool *sign) {
  while (!*sign) {
  }
}

static void fill_memory(lg_ctx *ctx) {
  for (;;) lg_alloc(ctx, 1 << 20);
}

// Nobody thought of a payload with several.
static lg_result one_team(lg_ctx *ctx) {
  static const char payload[] = "[{\"id\": 7}, {\"id\": 8}]";
  const lg_json *team;
  LG_TRY(lg_json_parse(ctx, (lg_bytes){(const uint8_t *)payload, sizeof payload - 1}, &team));
  const char *id = lg_json_as_id(lg_json_get(team, "id"));
  if (!id) return lg_invalid(ctx, "a team needs an id", "id");
  return lg_object_answer(lg_object_new(ctx, "cms.role", lg_format(ctx, "team-%s", id)));
}

static lg_result deep(lg_ctx *ctx, lg_bytes document, lg_object *role) {
  const lg_json *parsed;
  LG_TRY(lg_json_parse(ctx, document, &parsed));
  return lg_object_answer(role);
}

lg_result prepare_internal_object(lg_ctx *ctx, const lg_external *external, const lg_task *task) {
  (void)task;
  const char *misdeed = (const char *)external->body.ptr;
  lg_object *role = lg_object_new(ctx, "cms.role", "broken");
  if (!strcmp(misdeed, "typo")) lg_set(role, "rank", lg_integer(find("ana")->rank));
  if (!strcmp(misdeed, "wrong-type")) lg_set(role, "rank", lg_text("first"));
  if (!strcmp(misdeed, "divide-by-zero")) lg_set(role, "rank", lg_integer(share(100, (int)strlen(misdeed) - 14)));
  if (!strcmp(misdeed, "endless-loop")) wait_for(&(bool){false});
  if (!strcmp(misdeed, "allocate")) fill_memory(ctx);
  if (!strcmp(misdeed, "abort")) abort();
  if (!strcmp(misdeed, "exit")) exit(3);
  if (!strcmp(misdeed, "wrong-kind")) lg_set(role, "rank", lg_text("first"));
  if (!strcmp(misdeed, "wrong-code-name")) lg_set(role, "owner", lg_reference("anna"));
  if (!strcmp(misdeed, "child-missing")) lg_child_new(role, "cms.userrole", "");
  if (!strcmp(misdeed, "several")) return one_team(ctx);
  if (!strcmp(misdeed, "set-twice")) lg_set(role, "rank", lg_integer(1)), lg_set(role, "rank", lg_integer(2));
  if (*misdeed == '[') return deep(ctx, external->body, role);
  return lg_object_answer(role);
}

lg_result get_internal_object_params(lg_ctx *ctx, const char *id, const char *object_type) {
  (void)object_type;
  return lg_found_object(ctx, (lg_object_params){.code_name = lg_format(ctx, "%s-misspelt", id)});
}
