;; case: G70
;; what: environment variables and arguments are read: there are none
;; expect: stored
(module
  (import "wasi:cli/environment@0.2.0" "get-environment" (func $environment (param i32)))
  (import "wasi:cli/environment@0.2.0" "get-arguments" (func $arguments (param i32)))
  %MEMORY% %METHODS%
  (func $attack (result i32)
    (call $environment (i32.const 4096))
    (if (i32.load (i32.const 4100)) (then unreachable))
    (call $arguments (i32.const 4096))
    (if (i32.load (i32.const 4100)) (then unreachable))
    (call $item (i32.const 53) (i32.const 4))))
