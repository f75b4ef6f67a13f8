;; case: G79
;; what: the guest polls two things that are ready in an hour
;; expect: fails deadline
(module
  (import "wasi:clocks/monotonic-clock@0.2.0" "subscribe-duration" (func $subscribe (param i64) (result i32)))
  (import "wasi:io/poll@0.2.0" "poll" (func $poll (param i32 i32 i32)))
  %MEMORY% %METHODS%
  (func $attack (result i32)
    (i32.store (i32.const 4096) (call $subscribe (i64.const 3600000000000)))
    (i32.store (i32.const 4100) (call $subscribe (i64.const 3600000000000)))
    (call $poll (i32.const 4096) (i32.const 2) (i32.const 4112))
    unreachable))
