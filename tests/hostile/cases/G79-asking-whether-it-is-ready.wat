;; case: G79
;; what: the guest asks for ever whether something is ready
;; expect: fails deadline
(module
  (import "wasi:clocks/monotonic-clock@0.2.0" "subscribe-duration" (func $subscribe (param i64) (result i32)))
  (import "wasi:io/poll@0.2.0" "[method]pollable.ready" (func $ready (param i32) (result i32)))
  %MEMORY% %METHODS%
  (func $attack (result i32)
    (local $handle i32)
    (local.set $handle (call $subscribe (i64.const 3600000000000)))
    (loop $again (drop (call $ready (local.get $handle))) (br $again))
    unreachable))
