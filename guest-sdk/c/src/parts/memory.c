// The arena of a call, and what lasts for a task. Arguments and everything else that the host puts
// into this memory go to the arena as well, so owned arguments need no freeing.

#include <string.h>

#include "internal.h"

// Enough for a task of some kB without growing the memory: growing is a call into the host.
#ifndef LG_ARENA_BYTES
#define LG_ARENA_BYTES (128 * 1024)
#endif

struct lg_chunk {
  lg_chunk *next;
  size_t size;  // of the whole, this included
};

enum { ALIGN = 16, PAGE = 64 * 1024, MIB = 1024 * 1024 };

static _Alignas(ALIGN) char own[LG_ARENA_BYTES];
static lg_arena kept;

// Where the connector asks for memory itself; unset while the library does.
static const char *asking_file;
static int asking_line;

static _Noreturn void none_left(size_t size) {
  if (asking_file) lg_die("panicked at %s:%d: out of memory, %zu bytes asked for", asking_file, asking_line, size);
  lg_die("out of memory, %zu bytes asked for", size);
}

#ifdef __wasm__
static void *pages(size_t *size) {
  *size = (*size + PAGE - 1) / PAGE * PAGE;
  size_t before = __builtin_wasm_memory_grow(0, *size / PAGE);
  return before == SIZE_MAX ? NULL : (void *)(before * PAGE);
}
#else
#include <stdlib.h>
static void *pages(size_t *size) { return malloc(*size); }
#endif

static void use(lg_arena *arena, lg_chunk *chunk) {
  arena->current = chunk;
  arena->at = (char *)chunk + ALIGN;
  arena->end = (char *)chunk + chunk->size;
}

// Goes on in a chunk that is there from an earlier call, or in a new one.
static void enlarge(lg_arena *arena, size_t size) {
  if (!arena->first && arena == &lg_current.arena) {
    arena->first = arena->last = (lg_chunk *)own;
    arena->first->size = sizeof own;
    use(arena, arena->first);
    return;
  }
  if (arena->current && arena->current->next) {
    use(arena, arena->current->next);
    return;
  }
  size_t bytes = size + 2 * ALIGN;
  // Twice the last one, up to 1 MiB: few calls into the host, and little that nobody asked for.
  size_t twice = arena->last ? 2 * arena->last->size : PAGE;
  if (twice > MIB) twice = MIB;
  if (bytes < twice) bytes = twice;
  lg_chunk *chunk = pages(&bytes);
  if (!chunk) none_left(size);
  *chunk = (lg_chunk){.size = bytes};
  if (arena->last) arena->last->next = chunk;
  else arena->first = chunk;
  arena->last = chunk;
  use(arena, chunk);
}

void *lg_arena_take(lg_arena *arena, void *old, size_t old_size, size_t align, size_t size) {
  if (size > PTRDIFF_MAX - PAGE) none_left(size);
  if (old && (char *)old + old_size == arena->at && size <= (size_t)(arena->end - (char *)old)) {
    arena->at = (char *)old + size;
    return old;
  }
  for (;;) {
    size_t skip = -(uintptr_t)arena->at & (align - 1);
    if (arena->at && skip + size <= (size_t)(arena->end - arena->at)) {
      char *block = arena->at + skip;
      arena->at = block + size;
      if (old) memcpy(block, old, old_size < size ? old_size : size);
      return block;
    }
    enlarge(arena, size);
  }
}

void lg_arena_reset(lg_arena *arena) {
  if (arena->first) use(arena, arena->first);
}

static void *zeroed(lg_arena *arena, size_t size, const char *file, int line) {
  asking_file = file, asking_line = line;
  void *block = lg_arena_take(arena, NULL, 0, ALIGN, size);
  asking_file = NULL;
  return memset(block, 0, size);
}

void *lg_alloc_at(lg_ctx *ctx, size_t size, const char *file, int line) { return zeroed(&ctx->arena, size, file, line); }

void *lg_keep_at(size_t size, const char *file, int line) { return zeroed(&kept, size, file, line); }

char *lg_copy_n(lg_ctx *ctx, const char *text, size_t len) {
  char *copy = lg_arena_take(&ctx->arena, NULL, 0, 1, len + 1);
  if (len) memcpy(copy, text, len);
  copy[len] = 0;
  return copy;
}

char *lg_copy(lg_ctx *ctx, const char *text) { return text ? lg_copy_n(ctx, text, strlen(text)) : NULL; }

#ifdef __wasm__
// In place of the generated one. The NUL behind every text makes it a C string without a copy.
__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size) {
  if (size == 0) return (void *)align;
  char *block = lg_arena_take(&lg_current.arena, old_size ? old : NULL, old_size ? old_size + 1 : 0, align, size + 1);
  block[size] = 0;
  return block;
}
#endif
