// Calls what libc has and a connector has not: each links, and answers what is true here.

#include <errno.h>
#include <locale.h>
#include <lockgate.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

LG_MANIFEST("manifest.toml");

// What a call that failed left in errno, in libc's words.
static lg_value failure(lg_ctx *ctx, bool failed) { return lg_text(failed ? lg_copy(ctx, strerror(errno)) : "it worked"); }

lg_result prepare_internal_object(lg_ctx *ctx, const lg_external *external, const lg_task *task) {
  (void)task;
  lg_object *role = lg_object_new(ctx, "cms.role", "libc");
  const char *asked = (const char *)external->body.ptr;
  if (!strcmp(asked, "time")) {
    time_t now = time(NULL);
    char text[32];
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
    lg_set(role, "now", lg_timestamp(text));
    lg_set(role, "left_of_a_second", lg_integer(sleep(1)));
  }
  if (!strcmp(asked, "none")) {
    FILE *file = fopen("/etc/passwd", "r");
    lg_set(role, "file", failure(ctx, !file));
    const char *home = getenv("HOME");
    lg_set(role, "home", lg_text(home ? home : "not set"));
    lg_set(role, "stdin", lg_integer(getchar()));
  }
  if (!strcmp(asked, "locale")) {
    lg_set(role, "german", lg_boolean(setlocale(LC_ALL, "de_DE.UTF-8") != NULL));
    lg_set(role, "own", lg_boolean(setlocale(LC_ALL, "") != NULL));
    char text[16];
    snprintf(text, sizeof text, "%.2f", 1.5);
    lg_set(role, "number", lg_text(text));
  }
  printf("printed");
  fprintf(stderr, " and in whole\n");
  fflush(stdout);
  return lg_object_answer(role);
}
