;; case: G57
;; what: a handle is used after it was dropped
;; expect: fails trap
;; says: unknown handle index
(module
  (import "wasi:clocks/monotonic-clock@0.2.0" "subscribe-duration" (func $subscribe (param i64) (result i32)))
  (import "wasi:io/poll@0.2.0" "[method]pollable.block" (func $block (param i32)))
  (import "wasi:io/poll@0.2.0" "[resource-drop]pollable" (func $drop (param i32)))
  %MEMORY% %METHODS%
  (func $attack (result i32)
    (local $handle i32)
    (local.set $handle (call $subscribe (i64.const 1000)))
    (call $drop (local.get $handle))
    (call $block (local.get $handle))
    unreachable))
