// What the compiler's checks (-fsanitize=undefined) found: said with file and line, as the compiler
// put them beside each check. Without the checks WebAssembly notices only a division by zero, and a
// null pointer reads what lies at address 0. Not linked where no check was compiled in.

#include "internal.h"

#ifdef __wasm__

// The layouts are LLVM's (compiler-rt/lib/ubsan/ubsan_handlers.h).
typedef struct {
  const char *file;
  uint32_t line, column;
} place;

typedef struct {
  uint16_t kind, info;
  char name[];
} type;

static _Noreturn void found(const place *at, const char *what, const char *name) {
  const char *file = at->file ? at->file : "?";
  if (name) lg_die("panicked at %s:%u:%u: %s %s", file, at->line, at->column, what, name);
  lg_die("panicked at %s:%u:%u: %s", file, at->line, at->column, what);
}

// Each check calls the function, or the one with _abort where it cannot go on. Neither goes on here.
#define HANDLER(name, arguments, ...)                                     \
  _Noreturn void __ubsan_handle_##name##_abort arguments { __VA_ARGS__; } \
  _Noreturn void __ubsan_handle_##name arguments { __VA_ARGS__; }

typedef struct {
  place at;
  const type *of;
  uint8_t log_alignment, kind;
} mismatch;

static const char *const uses[] = {"load of",
                                   "store to",
                                   "reference binding to",
                                   "member access within",
                                   "member call on",
                                   "constructor call on",
                                   "downcast of",
                                   "downcast of",
                                   "upcast of",
                                   "cast to virtual base of",
                                   "_Nonnull binding to",
                                   "dynamic operation on"};

static _Noreturn void mismatched(const mismatch *data, uintptr_t pointer) {
  const char *use = data->kind < sizeof uses / sizeof *uses ? uses[data->kind] : "use of";
  if (!pointer)
    lg_die("panicked at %s:%u:%u: %s a null pointer of type %s", data->at.file, data->at.line, data->at.column, use, data->of->name);
  lg_die("panicked at %s:%u:%u: %s a misaligned pointer, or one to too little memory, of type %s", data->at.file, data->at.line,
         data->at.column, use, data->of->name);
}
HANDLER(type_mismatch_v1, (const mismatch *data, uintptr_t pointer), mismatched(data, pointer))

typedef struct {
  place at;
  const type *of;
} overflow;

typedef struct {
  place at;
  const type *array, *index;
} bounds;

typedef struct {
  place at;
  const type *left, *right;
} shift;

// An operand that fits into a pointer is passed as it is, a wider one by address.
static bool is_zero(const type *of, uintptr_t operand) {
  unsigned bits = 1u << (of->info >> 1);
  if (of->kind != 0) return true;
  return bits > 8 * sizeof operand ? *(const uint64_t *)operand == 0 : operand == 0;
}

HANDLER(divrem_overflow, (const overflow *data, uintptr_t left, uintptr_t right), (void)left,
        found(&data->at, is_zero(data->of, right) ? "division by zero, of type" : "a quotient does not fit into", data->of->name))
HANDLER(add_overflow, (const overflow *data, uintptr_t left, uintptr_t right), (void)left, (void)right,
        found(&data->at, "a sum does not fit into", data->of->name))
HANDLER(sub_overflow, (const overflow *data, uintptr_t left, uintptr_t right), (void)left, (void)right,
        found(&data->at, "a difference does not fit into", data->of->name))
HANDLER(mul_overflow, (const overflow *data, uintptr_t left, uintptr_t right), (void)left, (void)right,
        found(&data->at, "a product does not fit into", data->of->name))
HANDLER(negate_overflow, (const overflow *data, uintptr_t operand), (void)operand,
        found(&data->at, "a negated value does not fit into", data->of->name))
HANDLER(shift_out_of_bounds, (const shift *data, uintptr_t left, uintptr_t right), (void)left, (void)right,
        found(&data->at, "a shift goes too far, of type", data->left->name))
HANDLER(out_of_bounds, (const bounds *data, uintptr_t index),
        lg_die("panicked at %s:%u:%u: index %d is out of bounds of %s", data->at.file, data->at.line, data->at.column, (int)index,
               data->array->name))
HANDLER(local_out_of_bounds, (const place *at), found(at, "an index is out of bounds", NULL))
HANDLER(pointer_overflow, (const place *at, uintptr_t base, uintptr_t result), (void)base, (void)result,
        found(at, "arithmetic on a null pointer, or past the end of memory", NULL))
HANDLER(vla_bound_not_positive, (const overflow *data, uintptr_t size), (void)size,
        found(&data->at, "the size of an array is not positive, of type", data->of->name))
HANDLER(load_invalid_value, (const overflow *data, uintptr_t value), (void)value,
        found(&data->at, "a value that its type does not have:", data->of->name))
HANDLER(float_cast_overflow, (const overflow *data, uintptr_t value), (void)value,
        found(&data->at, "a number does not fit into the type that it is cast from:", data->of->name))
HANDLER(nonnull_arg, (const place *at), found(at, "a null pointer as an argument that must not be null", NULL))
HANDLER(nonnull_return_v1, (const void *data, const place *at), (void)data, found(at, "a null pointer returned where none may be", NULL))
HANDLER(invalid_builtin, (const place *at), found(at, "a builtin was called with zero", NULL))
HANDLER(function_type_mismatch, (const overflow *data, uintptr_t function), (void)function,
        found(&data->at, "a function is called as another type than it has:", data->of->name))
HANDLER(alignment_assumption, (const place *at, uintptr_t pointer, uintptr_t alignment, uintptr_t offset), (void)pointer, (void)alignment,
        (void)offset, found(at, "a pointer is not aligned as it is said to be", NULL))

_Noreturn void __ubsan_handle_builtin_unreachable(const place *at) { found(at, "what cannot be reached was reached", NULL); }
_Noreturn void __ubsan_handle_missing_return(const place *at) { found(at, "the function ends without returning a value", NULL); }

#endif
