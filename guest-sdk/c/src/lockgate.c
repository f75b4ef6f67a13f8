// All of the library, to be compiled with a connector: zig cc ... connector.c src/*.c

// The compiler's checks are for the connector; here they would weigh more than all of the library.
#ifdef __clang__
#pragma clang attribute push(__attribute__((no_sanitize("undefined"))), apply_to = function)
#endif

#include "parts/answer.c"
#include "parts/build.c"
#include "parts/exports.c"
#include "parts/failure.c"
#include "parts/format.c"
#include "parts/guid.c"
#include "parts/host.c"
#include "parts/http.c"
#include "parts/http_wasi.c"
#include "parts/json.c"
#include "parts/memory.c"
#include "parts/undefined.c"
#include "parts/unsupported.c"
#include "parts/wasi.c"
#include "parts/write.c"

#ifdef __clang__
#pragma clang attribute pop
#endif
