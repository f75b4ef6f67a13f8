;; case: G57
;; what: a handle is made up, and one of another type is used
;; expect: fails trap
;; says: handle index
;; payload: unknown
;; payload: other type
(module
  (import "wasi:clocks/monotonic-clock@0.2.0" "subscribe-duration" (func $subscribe (param i64) (result i32)))
  (import "wasi:cli/stderr@0.2.0" "get-stderr" (func $stderr (result i32)))
  (import "wasi:io/poll@0.2.0" "[method]pollable.block" (func $block (param i32)))
  %MEMORY% %METHODS%
  (func $attack (result i32)
    (drop (call $subscribe (i64.const 1000)))
    (if (i32.eq (i32.load8_u (global.get $body)) (i32.const 0x6f)) (then (call $block (call $stderr))))
    (call $block (i32.const 123456789))
    unreachable))
