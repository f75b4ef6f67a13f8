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

static int lines_of(const char *text) {
  int lines = 1;
  for (; *text; text++) lines += *text == '\n';
  return lines;
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
  if (!strcmp(misdeed, "field-kind")) lg_set(role, "rank", lg_text("first"));
  if (!strcmp(misdeed, "code-name")) lg_set(role, "lead", lg_reference("Anna"));
  if (!strcmp(misdeed, "required-child")) lg_child_new(role, "cms.note", "first");
  if (strchr(misdeed, '\n')) return lg_invalid(ctx, lg_format(ctx, "a task is about one misdeed, and this has %d", lines_of(misdeed)), NULL);
  return lg_object_answer(role);
}

// The stored name is "anna".
lg_result get_internal_object_params(lg_ctx *ctx, const char *id, const char *object_type) {
  (void)object_type;
  return lg_found_object(ctx, (lg_object_params){.code_name = id});
}
