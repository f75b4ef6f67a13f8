// printf() and whatever else writes to stdout or stderr: lines of the task's log, without WASI. libc's
// own functions of these names are imports. Nothing of it is linked where nothing is printed.

#include <string.h>

#include "internal.h"

#ifdef __wasm__

enum { BAD_FILE = 8, NOT_SUPPORTED = 58, CHARACTER_DEVICE = 2, LINE_MAX_BYTES = 1000 };

typedef struct {
  const char *ptr;
  size_t len;
} piece;

// What was printed since the last end of a line; of stdout and stderr each.
static struct {
  char text[LINE_MAX_BYTES];
  size_t len;
} lines[2];

static void end_line(int which) {
  lg_log(which ? LG_WARN : LG_INFO, "%.*s", (int)lines[which].len, lines[which].text);
  lines[which].len = 0;
}

static void print(int which, char c) {
  if (c != '\n') lines[which].text[lines[which].len++] = c;
  if (c == '\n' || lines[which].len == LINE_MAX_BYTES) end_line(which);
}

uint16_t __wasi_fd_write(int file, const piece *pieces, size_t count, size_t *written) {
  if (file != 1 && file != 2) return BAD_FILE;
  *written = 0;
  for (size_t i = 0; i < count; i++) {
    for (size_t at = 0; at < pieces[i].len; at++) print(file - 1, pieces[i].ptr[at]);
    *written += pieces[i].len;
  }
  return 0;
}

// A terminal, for libc: it hands on each line as it ends.
uint16_t __wasi_fd_fdstat_get(int file, uint8_t *stat) {
  if (file != 1 && file != 2) return BAD_FILE;
  memset(stat, 0, 24);
  *stat = CHARACTER_DEVICE;
  return 0;
}

uint16_t __wasi_fd_seek(int file, int64_t offset, uint8_t from, uint64_t *to) {
  (void)file, (void)offset, (void)from, (void)to;
  return NOT_SUPPORTED;
}

int close(int file) {
  (void)file;
  return -1;
}

#endif
