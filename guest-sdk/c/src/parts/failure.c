// Faults of the connector: the message and its place go to the task's log, then the instance ends.
// The host tells what was said last at level error, and the functions that it ended in.

#include <string.h>

#include "internal.h"

static char said[1024];

static _Noreturn void end(void) {
  lg_string message = {(uint8_t *)said, strlen(said)};
  lg_force_utf8(said, message.len);
  lockgate_connector_log_log(LG_ERROR, &message);
  __builtin_trap();
}

void lg_die(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  lg_write(said, sizeof said, format, arguments);
  va_end(arguments);
  end();
}

static void say(size_t at, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  lg_write(said + at, sizeof said - at, format, arguments);
  va_end(arguments);
}

void lg_panic_at(const char *file, int line, const char *function, const char *format, ...) {
  say(0, "panicked at %s:%d in %s: ", file, line, function);
  size_t at = strlen(said);
  va_list arguments;
  va_start(arguments, format);
  lg_write(said + at, sizeof said - at, format, arguments);
  va_end(arguments);
  end();
}

// What assert() of <assert.h> calls.
void lg_assert_fail(const char *condition, const char *file, int line, const char *function) {
  lg_panic_at(file, line, function, "%s does not hold", condition);
}
