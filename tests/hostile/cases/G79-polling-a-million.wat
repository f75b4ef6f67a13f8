;; case: G79
;; what: the guest polls the same thing a million times at once
;; expect: fails output-limit
;; peak-mib: 16
(module
  (import "wasi:clocks/monotonic-clock@0.2.0" "subscribe-duration" (func $subscribe (param i64) (result i32)))
  (import "wasi:io/poll@0.2.0" "poll" (func $poll (param i32 i32 i32)))
  %MEMORY% %METHODS%
  (func $attack (result i32)
    (local $at i32) (local $handle i32)
    (drop (memory.grow (i32.const 62)))
    (local.set $handle (call $subscribe (i64.const 3600000000000)))
    (local.set $at (i32.const 131072))
    (loop $again
      (i32.store (local.get $at) (local.get $handle))
      (br_if $again (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (i32.const 4131072))))
    (call $poll (i32.const 131072) (i32.const 1000000) (i32.const 4112))
    unreachable))
