// Reads documents, each behind its length in four bytes, little end first, and writes each as the library's reader and writer make it,
// behind its length too; the length is all ones for a document that is refused. See json_differential.py.

#include <stdio.h>

#include "../src/lockgate.c"
#include "lockgate_json.h"

lg_result prepare_internal_object(lg_ctx *ctx, const lg_external *external, const lg_task *task) {
  (void)external, (void)task;
  return lg_skip(ctx, "not asked here");
}

static bool length(uint32_t *len) {
  uint8_t bytes[4];
  if (fread(bytes, 1, 4, stdin) != 4) return false;
  *len = bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
  return true;
}

static void answer(const char *text, uint32_t len) {
  uint8_t bytes[4] = {(uint8_t)len, (uint8_t)(len >> 8), (uint8_t)(len >> 16), (uint8_t)(len >> 24)};
  fwrite(bytes, 1, 4, stdout);
  if (text) fwrite(text, 1, len, stdout);
}

int main(void) {
  uint32_t len;
  while (length(&len)) {
    lg_arena_reset(&lg_current.arena);
    // Of exactly its size, so that a sanitiser sees a read behind its end.
    uint8_t *document = malloc(len ? len : 1);
    if (!document || fread(document, 1, len, stdin) != len) return 1;
    const lg_json *parsed;
    if (lg_failed(lg_json_parse(&lg_current, (lg_bytes){document, len}, &parsed))) {
      answer(NULL, UINT32_MAX);
    } else {
      lg_json_writer *to = lg_json_write(&lg_current);
      lg_json_put(to, parsed);
      const char *written = lg_json_written(to);
      answer(written, (uint32_t)strlen(written));
    }
    free(document);
  }
  return 0;
}
