// What wit-bindgen made of the contract. Apart from the library, which replaces some of its functions.

#ifdef __clang__
#pragma clang attribute push(__attribute__((no_sanitize("undefined"))), apply_to = function)
#endif

#include "../gen/connector.c"

#ifdef __clang__
#pragma clang attribute pop
#endif
