// What wit-bindgen made of the part of wasi:http that lockgate_http.h needs. Not linked where nothing is called.

#ifdef __wasm__

#pragma clang attribute push(__attribute__((no_sanitize("undefined"))), apply_to = function)

#include "../gen/calls.c"

#pragma clang attribute pop

#endif
