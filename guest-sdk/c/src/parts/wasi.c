// What libc asks of its system, WASI preview 1, answered by the contract and by what is true here: there are no files, no arguments,
// no environment and no sockets. So printf(), time(), getenv(), fopen(), setlocale() and exit() link, and a component imports no WASI.
//
// libc's own functions of these names are imports. Nothing of it is linked where nothing is asked for.

#include <string.h>

#include "internal.h"

#ifdef __wasm__

enum { GOOD = 0, BAD_FILE = 8, NOT_SUPPORTED = 58, NOT_CAPABLE = 76 };
enum { CHARACTER_DEVICE = 2, LINE_MAX_BYTES = 1000, FDSTAT_BYTES = 24, FILESTAT_BYTES = 64 };

#define WASI(name, ...)                                          \
  int32_t __imported_wasi_snapshot_preview1_##name(__VA_ARGS__); \
  int32_t __imported_wasi_snapshot_preview1_##name(__VA_ARGS__)

// ---- stdout and stderr: lines of the task's log ----

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

static void end_lines(void) {
  for (int which = 0; which < 2; which++) {
    if (lines[which].len) end_line(which);
  }
}

static void print(int which, char c) {
  lg_at_end = end_lines;
  if (c != '\n') lines[which].text[lines[which].len++] = c;
  if (c == '\n' || lines[which].len == LINE_MAX_BYTES) end_line(which);
}

static bool is_open(int32_t file) { return file >= 0 && file <= 2; }

WASI(fd_write, int32_t file, int32_t from, int32_t count, int32_t written) {
  if (file != 1 && file != 2) return BAD_FILE;
  const piece *pieces = (const piece *)from;
  size_t sum = 0;
  for (int32_t i = 0; i < count; i++) {
    for (size_t at = 0; at < pieces[i].len; at++) print(file - 1, pieces[i].ptr[at]);
    sum += pieces[i].len;
  }
  *(size_t *)written = sum;
  return GOOD;
}

// stdin is at its end.
WASI(fd_read, int32_t file, int32_t into, int32_t count, int32_t got) {
  (void)into, (void)count;
  if (file != 0) return BAD_FILE;
  *(size_t *)got = 0;
  return GOOD;
}

// A terminal, for libc: it hands on each line as it ends.
WASI(fd_fdstat_get, int32_t file, int32_t stat) {
  if (!is_open(file)) return BAD_FILE;
  memset((void *)stat, 0, FDSTAT_BYTES);
  *(uint8_t *)stat = CHARACTER_DEVICE;
  return GOOD;
}

WASI(fd_filestat_get, int32_t file, int32_t stat) {
  if (!is_open(file)) return BAD_FILE;
  memset((void *)stat, 0, FILESTAT_BYTES);
  ((uint8_t *)stat)[16] = CHARACTER_DEVICE;
  return GOOD;
}

WASI(fd_close, int32_t file) { return is_open(file) ? GOOD : BAD_FILE; }

// ---- time, randomness, the end ----

// Every clock is the host's time of day. It stands still while code works.
WASI(clock_time_get, int32_t clock, int64_t precision, int32_t time) {
  (void)clock, (void)precision;
  *(uint64_t *)time = lg_now_ms() * 1000000;
  return GOOD;
}

WASI(clock_res_get, int32_t clock, int32_t resolution) {
  (void)clock;
  *(uint64_t *)resolution = 1000000;
  return GOOD;
}

WASI(random_get, int32_t into, int32_t len) {
  lg_random((void *)into, (size_t)len);
  return GOOD;
}

// Nothing can be waited for: sleep() fails at once, and errno says so.
WASI(poll_oneoff, int32_t what, int32_t happened, int32_t count, int32_t events) {
  (void)what, (void)happened, (void)count, (void)events;
  return NOT_SUPPORTED;
}

WASI(sched_yield, void) { return GOOD; }

_Noreturn void __imported_wasi_snapshot_preview1_proc_exit(int32_t code);
_Noreturn void __imported_wasi_snapshot_preview1_proc_exit(int32_t code) {
  end_lines();
  lg_die("panicked: exit(%d) was called: a connector answers, it does not end itself", (int)code);
}

// ---- arguments and environment: none ----

static int32_t none(int32_t count, int32_t bytes) {
  *(size_t *)count = 0;
  *(size_t *)bytes = 0;
  return GOOD;
}

WASI(args_sizes_get, int32_t count, int32_t bytes) { return none(count, bytes); }
WASI(environ_sizes_get, int32_t count, int32_t bytes) { return none(count, bytes); }
WASI(args_get, int32_t list, int32_t bytes) { return (void)list, (void)bytes, GOOD; }
WASI(environ_get, int32_t list, int32_t bytes) { return (void)list, (void)bytes, GOOD; }

// ---- files and sockets: none. Arguments are named by their types alone; nobody reads them. ----

#define REFUSED(code, name, ...) \
  WASI(name, __VA_ARGS__) { return code; }

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wunknown-warning-option"
#pragma clang diagnostic ignored "-Wc2x-extensions"
#pragma clang diagnostic ignored "-Wc23-extensions"
REFUSED(BAD_FILE, fd_advise, int32_t, int64_t, int64_t, int32_t)
REFUSED(BAD_FILE, fd_allocate, int32_t, int64_t, int64_t)
REFUSED(BAD_FILE, fd_datasync, int32_t)
REFUSED(BAD_FILE, fd_fdstat_set_flags, int32_t, int32_t)
REFUSED(BAD_FILE, fd_fdstat_set_rights, int32_t, int64_t, int64_t)
REFUSED(BAD_FILE, fd_filestat_set_size, int32_t, int64_t)
REFUSED(BAD_FILE, fd_filestat_set_times, int32_t, int64_t, int64_t, int32_t)
REFUSED(BAD_FILE, fd_pread, int32_t, int32_t, int32_t, int64_t, int32_t)
REFUSED(BAD_FILE, fd_prestat_get, int32_t, int32_t)
REFUSED(BAD_FILE, fd_prestat_dir_name, int32_t, int32_t, int32_t)
REFUSED(BAD_FILE, fd_pwrite, int32_t, int32_t, int32_t, int64_t, int32_t)
REFUSED(BAD_FILE, fd_readdir, int32_t, int32_t, int32_t, int64_t, int32_t)
REFUSED(BAD_FILE, fd_renumber, int32_t, int32_t)
REFUSED(NOT_SUPPORTED, fd_seek, int32_t, int64_t, int32_t, int32_t)
REFUSED(BAD_FILE, fd_sync, int32_t)
REFUSED(NOT_SUPPORTED, fd_tell, int32_t, int32_t)
REFUSED(NOT_CAPABLE, path_create_directory, int32_t, int32_t, int32_t)
REFUSED(NOT_CAPABLE, path_filestat_get, int32_t, int32_t, int32_t, int32_t, int32_t)
REFUSED(NOT_CAPABLE, path_filestat_set_times, int32_t, int32_t, int32_t, int32_t, int64_t, int64_t, int32_t)
REFUSED(NOT_CAPABLE, path_link, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t)
REFUSED(NOT_CAPABLE, path_open, int32_t, int32_t, int32_t, int32_t, int32_t, int64_t, int64_t, int32_t, int32_t)
REFUSED(NOT_CAPABLE, path_readlink, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t)
REFUSED(NOT_CAPABLE, path_remove_directory, int32_t, int32_t, int32_t)
REFUSED(NOT_CAPABLE, path_rename, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t)
REFUSED(NOT_CAPABLE, path_symlink, int32_t, int32_t, int32_t, int32_t, int32_t)
REFUSED(NOT_CAPABLE, path_unlink_file, int32_t, int32_t, int32_t)
REFUSED(BAD_FILE, sock_accept, int32_t, int32_t, int32_t)
REFUSED(BAD_FILE, sock_recv, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t)
REFUSED(BAD_FILE, sock_send, int32_t, int32_t, int32_t, int32_t, int32_t)
REFUSED(BAD_FILE, sock_shutdown, int32_t, int32_t)
#pragma clang diagnostic pop

#endif
