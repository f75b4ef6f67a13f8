// What wit-bindgen made of the contract. Apart from the library, which replaces some of its functions.

#pragma clang attribute push(__attribute__((no_sanitize("undefined"))), apply_to = function)

#include "../gen/connector.c"

#pragma clang attribute pop
