;; case: G79
;; what: the guest sleeps for an hour, where epochs do not reach it
;; expect: fails deadline
(module
  (import "wasi:clocks/monotonic-clock@0.2.0" "subscribe-duration" (func $subscribe (param i64) (result i32)))
  (import "wasi:io/poll@0.2.0" "[method]pollable.block" (func $block (param i32)))
  %MEMORY% %METHODS%
  (func $attack (result i32) (call $block (call $subscribe (i64.const 3600000000000))) unreachable))
